"""What verbs print, and the API's presentation of the same."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from app.adapters.engines import weights
from app.adapters.schema_files import read_schema
from app.api.present import Presenter
from app.commands import models, requirements, terminal
from app.commands.doctor import in_force
from app.commands.render import default_locales, excerpt, show
from app.domain.errors import InvalidSchema, SettingsError
from app.domain.listing import Listing
from app.domain.tags import (
    Decision,
    Evidence,
    Match,
    Method,
    Quantity,
    Source,
    Tag,
    TagSet,
    Unmatched,
    Versions,
    Warning,
)
from app.domain.taxonomy import Taxonomy
from app.pipeline.localize import resolve
from app.pipeline.tagger import Tagged
from app.present import response
from app.settings import Settings

PATH = ("category:shoes", "category:sneakers")
TITLE = "Navy \x1b[31mSneaker\u202e 330 g"


def made_tag(attribute: str, concept_id: str, raw: str, span: tuple[int, int] | None, **more: object) -> Tag:
    fields: dict[str, object] = {
        "attribute": attribute,
        "id": concept_id,
        "raw": raw,
        "confidence": 0.9,
        "decision": Decision.ACCEPT,
        "match": Match(method=Method.EXACT, score=100, label=raw, locale="en"),
        "source": Source.RULE,
        "evidence": (Evidence(field="title", start=span[0], end=span[1]),) if span else (),
    }
    return Tag(**(fields | more))  # type: ignore[arg-type]


@pytest.fixture
def tags() -> TagSet:
    """One tag of each kind."""
    gram = Quantity(value=330, unit="g")
    return TagSet(
        fingerprint="f" * 64,
        lang="de",
        tags=(
            made_tag("category", "category:sneakers", "Sneaker", (10, 17), path=PATH),
            made_tag("color", "color:navy", "Navy", (0, 4), source=Source.BOTH),
            made_tag("material", "material:leather", "leather", None, decision=Decision.REVIEW, locked=True),
            made_tag("weight", "weight:330_g", "330 g", (19, 24), quantity=gram),
        ),
        unmatched=(Unmatched(attribute="color", raw="dusk", source=Source.MODEL),),
        partial=False,
        versions=Versions(model="m", adapter="a", prompt="p", schema="s", rules="r", taxonomy="t", pipeline="1"),
        warnings=(Warning(code="cut", field="title", message="only the first 500 characters were read"),),
    )


def printed(listing: Listing, tags: TagSet, small: Taxonomy) -> str:
    out = io.StringIO()
    show(Console(file=out, width=120), "x · de", listing, tags, default_locales(tags.lang, small), small)
    return out.getvalue()


def test_a_listing_is_shown_with_its_evidence_marked(tags: TagSet, small: Taxonomy) -> None:
    lines = printed(Listing(title=TITLE), tags, small).splitlines()
    assert lines[1] == "title       ‹Navy› \ufffd[31m‹Sneaker›\ufffd ‹330 g›"
    assert " ".join(lines[2].split()) == "attribute label (en) label (de) confidence decision source matched by"
    assert " ".join(lines[3].split()) == "Category Sneakers Turnschuhe 0.90 accept rule exact “Sneaker” (en)"
    assert lines[5].split()[:5] == ["Material", "Leather", "Leder", "0.90", "review"]
    assert lines[5].endswith("“leather” (en), inferred")
    assert lines[6].split()[:4] == ["weight", "330", "g", "330"]
    assert lines[7] == "unmatched  Color: dusk"
    assert lines[8] == "warning    only the first 500 characters were read"


def test_english_alone_is_shown_for_a_language_the_taxonomy_lacks(small: Taxonomy) -> None:
    assert default_locales("ko", small).pairs == (("en", "en"),)
    assert default_locales("en", small).pairs == (("en", "en"),)
    assert default_locales("zh", small).pairs == (("en", "en"), ("zh", "zh-CN"))


def test_of_a_long_text_the_beginning_and_the_evidence_are_shown() -> None:
    text = "x" * 1000
    assert excerpt(text[:320], [(5, 9)]) == [(0, 320)]
    assert excerpt(text, []) == [(0, 120)]
    assert excerpt(text, [(900, 910), (500, 510), (545, 550), (130, 140), (998, 1000)]) == [
        (0, 190),
        (450, 600),
        (850, 1000),
    ]


def test_output_cannot_steer_a_terminal() -> None:
    hostile = "a\x1b[2J\nb\r\u2028c\u202ed\ud800e\x9b"
    assert terminal.printable(hostile) == "a\ufffd[2J b  c\ufffdd\ufffde\ufffd"
    assert len(terminal.printable(hostile)) == len(hostile)


def test_json_lines_survive_what_utf8_cannot_hold() -> None:
    assert terminal.json_line({"a": "ü"}) == '{"a": "ü"}\n'.encode()
    assert json.loads(terminal.json_line({"a": "ü\ud800"})) == {"a": "ü\ud800"}


@pytest.mark.parametrize("asked", [None, ("de-AT", "zh")])
def test_the_command_line_and_the_api_present_the_same(
    tags: TagSet, small: Taxonomy, asked: tuple[str, ...] | None
) -> None:
    locales = resolve(asked, small)
    tagged = Tagged(tags=tags, cache="miss", timings_ms={"read": 0.1})
    by_api = json.loads(Presenter(small).answer(tags, locales, listing_id="x", cache="miss", timings_ms={"read": 0.1}))
    by_cli = json.loads(terminal.json_line(response(tagged, "x", locales, small)))
    assert by_cli == by_api


# --- schema files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "category", "names"),
    [
        (["Brand", {"name": "Color", "examples": ["Red"], "description": "main"}], "Shoes", ["Brand", "Color"]),
        ({"attributes": [{"name": "Brand"}]}, "", ["Brand"]),
        ({"dataset": "x", "categories": {"Tea": [{"name": "Brand"}], "*": [{"name": "Any"}]}}, "Tea", ["Brand"]),
        ({"dataset": "x", "categories": {"Tea": [{"name": "Brand"}], "*": [{"name": "Any"}]}}, "Shoes", ["Any"]),
    ],
)
def test_schemas_are_per_category_or_for_all(tmp_path: Path, raw: object, category: str, names: list[str]) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    assert [attribute.name for attribute in read_schema(path).attributes(category)] == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "is no JSON"),
        ("[]", "asks for nothing"),
        ("{}", "asks for nothing"),
        ('[{"nme": "Brand"}]', "is no attribute"),
        ('[{"name": "Brand", "type": "x"}]', "is no attribute"),
        ('[{"name": "Brand", "examples": "x"}]', "examples must be a list"),
        ('{"categories": {"Tea": []}}', "asks for nothing in 'Tea'"),
    ],
)
def test_unusable_schemas_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSchema, match=message):
        read_schema(path)


def test_a_category_that_the_schema_lacks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"categories": {"Tea": ["Brand"]}}', encoding="utf-8")
    with pytest.raises(InvalidSchema, match="no category 'Shoes'"):
        read_schema(path).attributes("Shoes")
    with pytest.raises(InvalidSchema, match="cannot be read"):
        read_schema(tmp_path / "none.json")


# --- models and doctor -----------------------------------------------------------------------------------------------


def test_asking_whether_weights_are_made_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, adapter="none", model="gemma-3-270m")
    real = weights._make

    def refuse_to_work(base: weights.Base, folder: Path | None, path: Path, report: object) -> None:
        real(base, folder, path, report)  # type: ignore[arg-type] # reports before it works, and that ends it
        pytest.fail("something was made")

    monkeypatch.setattr(weights, "_make", refuse_to_work)
    assert models.assembled(settings) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_made_is_found_and_what_is_damaged_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, adapter="none", model="gemma-3-270m")

    def make(base: weights.Base, folder: Path | None, path: Path, report: object) -> None:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"weights")
        path.with_suffix(".sha256").write_text(weights.sha256(io.BytesIO(b"weights").read))

    with monkeypatch.context() as patched:
        patched.setattr(weights, "_make", make)
        path = weights.pull(settings.model, settings.adapter, settings.home).path
    found = models.assembled(settings)
    assert found is not None
    assert (found.path, found.card.model, found.card.licence) == (path, "gemma-3-270m", "Gemma Terms of Use")
    path.write_bytes(b"damaged")
    assert models.assembled(settings) is None


def test_every_base_has_terms() -> None:
    assert {base.licence for base in weights.BASES.values()} <= set(models.TERMS)


def test_an_unknown_model_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        models.base_of(Settings(home=tmp_path, adapter="none", model="bogus"))


def test_secrets_are_not_shown() -> None:
    settings = Settings(redis_url="redis://user:secret@cache:6379/0", database_url="postgresql://u:p@db/tags")
    shown = in_force(settings)
    assert shown["redis_url"] == "redis://user:***@cache:6379/0"
    assert shown["database_url"] == "postgresql://u:***@db/tags"
    assert shown["port"] == 8000


def test_requirements_name_what_is_missing_and_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = [
        requirements._read("click>=8"),
        requirements._read("rich==0.0.1"),
        requirements._read("no-such-distribution>=1 ; python_version > '3'"),
        requirements._read("no-such-extra==1; extra == 'train'"),
    ]
    monkeypatch.setattr(requirements, "requirements", lambda: needed)
    wrong = requirements.packages()
    assert [check.mend for check in wrong] == ["pip install 'rich==0.0.1'", "pip install 'no-such-distribution>=1'"]
    assert "not 0.0.1" in wrong[0].detail
    assert [(c.name, c.status, c.mend) for c in requirements.extras()] == [
        ("extra train", "off", "pip install 'tagwright[train]'")
    ]


def test_this_installation_states_its_requirements() -> None:
    names = {(requirement.name, requirement.extra) for requirement in requirements.requirements()}
    assert ("click", None) in names
    assert ("psycopg", "postgres") in names
