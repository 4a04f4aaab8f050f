"""Pieces of the API that need no server: encoding, paths, erasing, recalling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from app.adapters.caches.memory import MemoryCache
from app.api.encoding import encode
from app.api.forget import Forgetting
from app.api.middleware import EncodedSlashes, path_part
from app.api.present import Presenter
from app.api.problems import KINDS, field_name, from_error
from app.api.recall import Recall
from app.domain import errors
from app.domain.errors import CacheUnavailable, TagwrightError
from app.domain.tags import Decision, Evidence, Match, Method, Source, Tag, TagSet, Versions, Warning
from app.domain.taxonomy import Taxonomy

VERSIONS = Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1")


def tag_set(*tag_ids: str, fingerprint: str = "f1", warnings: tuple[Warning, ...] = ()) -> TagSet:
    tags = tuple(
        Tag(
            attribute=tag_id.partition(":")[0],
            id=tag_id,
            raw="x",
            confidence=0.9,
            decision=Decision.ACCEPT,
            match=Match(method=Method.EXACT, score=100, label="x", locale="en"),
            source=Source.RULE,
            evidence=(Evidence(field="title", start=0, end=1),),
        )
        for tag_id in tag_ids
    )
    return TagSet(
        fingerprint=fingerprint, lang="en", tags=tags, unmatched=(), partial=False, versions=VERSIONS, warnings=warnings
    )


def everything(cls: type[TagwrightError]) -> set[type[TagwrightError]]:
    return {cls}.union(*(everything(one) for one in cls.__subclasses__()))


def test_every_error_has_a_problem() -> None:
    kinds = {cls: from_error(cls("why", field="f", hint="h")) for cls in everything(TagwrightError)}
    assert len(kinds) > 10
    for cls, problem in kinds.items():
        if issubclass(cls, errors.InputError):
            assert 400 <= problem.status < 500, cls
            assert (problem.body()["detail"], problem.body()["field"], problem.body()["hint"]) == ("why", "f", "h")
        else:  # what is inside is not shown
            assert problem.status == (503 if issubclass(cls, errors.ServiceError) else 500), cls
            assert b"why" not in problem.response().body
            assert ("retry-after" in problem.response().headers) == (problem.status == 503)
    assert {problem.kind for problem in kinds.values()} <= set(KINDS)


@pytest.mark.parametrize(
    ("path", "name"),
    [((), ""), (("title",), "title"), (("listings", 3, "reviews", 0), "listings[3].reviews[0]"), ((0, "a"), "[0].a")],
)
def test_fields_are_named_as_evidence_names_them(path: tuple[str | int, ...], name: str) -> None:
    assert field_name(path) == name


def test_what_utf8_lacks_is_replaced_one_for_one() -> None:
    value = {"a\ud800": ["\udfff!", ("x", 5)], "w": Warning(code="\ud83d", field="f", message="m"), "ok": "👕"}
    answer = json.loads(encode(value))
    assert answer["a\ufffd"] == ["\ufffd!", ["x", 5]]
    assert answer["w"]["code"] == "\ufffd"
    assert answer["ok"] == "👕"


@pytest.mark.parametrize("part", ["plain", "a/b", "100%", "a%2Fb", "%25", "%252F", "ü/✓", "a b", "/", "%"])
async def test_a_part_of_a_path_comes_through_whole(part: str) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    raw = f"/v1/listings/{quote(part, safe='')}/tags"
    scope = {"type": "http", "path": f"/v1/listings/{part}/tags", "raw_path": raw.encode()}
    await EncodedSlashes(app)(scope, None, None)  # type: ignore[arg-type]
    assert [path_part(piece) for piece in seen[0].split("/")] == ["", "v1", "listings", part, "tags"]


class Flaky:
    """A cache that does not answer for a while."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.memory = MemoryCache(ttl_s=60)

    async def get(self, key: str) -> bytes | None:
        return await self.memory.get(key)

    async def put(self, key: str, value: bytes) -> None:
        await self.memory.put(key, value)

    async def delete(self, key: str) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise CacheUnavailable("not now")
        await self.memory.delete(key)


@pytest.mark.parametrize("failures", [0, 1, 4])
async def test_erasing_is_tried_until_the_cache_answers(failures: int) -> None:
    cache = Flaky(failures)
    told: list[str] = []
    forgetting = Forgetting(cache, (told.extend,), retry_s=0.01)
    for key in ("f1", "f2", "f3"):
        await cache.put(key, b"x")
    await forgetting.forget(["f1", "f2"])
    assert told == ["f1", "f2"]
    await _until(lambda: len(cache.memory) == 1)
    assert await cache.get("f3") == b"x"
    await forgetting.close()


async def test_closing_tries_once_more() -> None:
    cache = Flaky(2)
    forgetting = Forgetting(cache, retry_s=60)
    await cache.put("f1", b"x")
    await forgetting.forget(["f1"])
    assert await cache.get("f1") == b"x"
    await asyncio.sleep(0)  # the second failure, in the background
    await forgetting.close()
    assert await cache.get("f1") is None


async def test_a_body_is_recalled_only_while_the_cache_has_its_answer(small: Taxonomy) -> None:
    cache = MemoryCache(ttl_s=60)
    recall = Recall(cache)
    tags, locales = tag_set("color:red"), Presenter(small).locales(["de"])
    await recall.keep(b"body", tags, locales)
    assert await recall.find(b"body") is None  # nothing was cached
    await cache.put("f1", b"one")
    await recall.keep(b"body", tags, locales)
    known = await recall.find(b"body")
    assert known is not None
    assert (known.tags, known.locales) == (tags, locales)
    assert await recall.find(b"body ") is None
    await cache.put("f1", b"two")
    assert await recall.find(b"body") is None
    await cache.put("f1", b"one")
    assert await recall.find(b"body") is None  # it was dropped
    await recall.keep(b"body", tags, locales)
    await cache.delete("f1")
    assert await recall.find(b"body") is None


async def test_an_erased_answer_takes_the_bodies_that_asked_for_it_along(small: Taxonomy) -> None:
    cache = MemoryCache(ttl_s=60)
    recall, locales = Recall(cache), Presenter(small).locales(None)
    for key, body in (("f1", b"a"), ("f1", b"b"), ("f2", b"c")):
        await cache.put(key, b"one")
        await recall.keep(body, tag_set("color:red", fingerprint=key), locales)
    recall.forget(["f1"])
    assert [await recall.find(body) is not None for body in (b"a", b"b", b"c")] == [False, False, True]


async def test_recall_has_bounds(small: Taxonomy) -> None:
    cache = MemoryCache(ttl_s=60)
    await cache.put("f1", b"one")
    recall = Recall(cache, max_entries=2, longest_body=10)
    locales = Presenter(small).locales(None)
    for body in (b"a", b"b", b"c", b"x" * 11):
        await recall.keep(body, tag_set("color:red"), locales)
    assert [await recall.find(body) is not None for body in (b"a", b"b", b"c", b"x" * 11)] == [False, True, True, False]
    tiny = Recall(cache, max_bytes=30)
    for body in (b"a" * 10, b"b" * 10):
        await tiny.keep(body, tag_set("color:red"), locales)
    assert [await tiny.find(body) is not None for body in (b"a" * 10, b"b" * 10)] == [False, True]


def shown(presenter: Presenter, tags: TagSet, *locales: str) -> Any:
    asked = presenter.locales(locales)
    return json.loads(presenter.answer(tags, asked, listing_id="i", cache="hit", timings_ms={"total": 1.0}))


def test_one_fingerprint_may_have_several_tag_sets(small: Taxonomy) -> None:
    presenter = Presenter(small)
    sets = [tag_set("color:red"), tag_set("color:red", "material:cotton"), tag_set("color:red")]
    answers = [shown(presenter, tags, "de") for tags in sets]
    assert [[tag["id"] for tag in answer["tags"]] for answer in answers] == [
        ["color:red"],
        ["color:red", "material:cotton"],
        ["color:red"],
    ]
    assert shown(presenter, sets[0], "de", "zh-CN")["tags"][0]["labels"] == {"de": "Rot", "zh-CN": "红色"}


def test_warnings_are_not_kept_with_what_was_rendered(small: Taxonomy) -> None:
    presenter = Presenter(small)
    cut = Warning(code="cut", field="title", message="m")
    with_warning, without = tag_set("color:red", warnings=(cut,)), tag_set("color:red")
    answers = [shown(presenter, tags, "de") for tags in (with_warning, without, with_warning)]
    assert [len(answer["warnings"]) for answer in answers] == [1, 0, 1]
    assert [w["code"] for w in shown(presenter, with_warning, "fr")["warnings"]] == ["locale-fallback", "cut"]


def test_what_was_rendered_has_a_bound_and_is_forgotten(small: Taxonomy) -> None:
    presenter = Presenter(small, max_bytes=6_000)
    for number in range(50):
        assert shown(presenter, tag_set("color:red", fingerprint=f"f{number}"), "de")["tags"]
    assert 0 < len(presenter._kept) < 10
    presenter.forget(f"f{number}" for number in range(50))
    assert (len(presenter._kept), presenter._bytes) == (0, 0)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)
