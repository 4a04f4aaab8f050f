"""The real taxonomies of Shopify and Google, imported whole; they are not part of this repository."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.adapters.encoder import UseEncoder
from app.adapters.imports import importer
from app.adapters.imports.draft import Draft
from app.adapters.imports.files import opened
from app.adapters.imports.linting import lint
from app.adapters.imports.source import Problem
from app.adapters.imports.write import write_report, write_taxonomy
from app.adapters.taxonomy_check import check_taxonomy
from app.adapters.taxonomy_files import read_taxonomy

SHARED = Path(__file__).parents[3] / "shared" / "taxonomies"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")


def imported(archive: str, format_name: str, folder: Path, locales: tuple[str, ...] | None) -> Draft:
    """Import an archive as the command does, without the lint."""
    with opened(SHARED / archive) as files:
        source = importer(format_name).open_source(files, locales)
        draft = Draft(source.locales)
        for item in source.items():
            draft.take(item)
    draft.finish()
    folder.mkdir()
    write_taxonomy(folder, draft, source, format_name)
    write_report(folder, draft.problems, draft.not_taken)
    return draft


def test_shopify_imports_and_the_colours_called_wines_are_found(tmp_path: Path) -> None:
    """One locale of 31: all take a minute, see `tagwright taxonomy import`."""
    draft = imported("shopify-product-taxonomy-2025-08.tar.xz", "shopify", tmp_path / "made", ("zh-CN",))
    report = check_taxonomy(tmp_path / "made")
    assert report.problems == ()
    assert report.counts == {"verticals": 26, "categories": 10_595, "attributes": 2299, "values": 20_635}
    assert report.labels == {"en": 33_529, "zh-CN": 33_529}
    assert Counter(problem.kind for problem in draft.problems) == {
        "blanks": 2,
        "id-collision": 4,
        "single-character": 748,
    }
    taxonomy = read_taxonomy(tmp_path / "made")
    assert taxonomy.concept("color:black").exact_match == ("gid://shopify/TaxonomyValue/1",)
    assert taxonomy.path("category:aa-1-1")[0] == "category:aa"
    assert len(list(taxonomy.values("frame_material"))) == len(list(taxonomy.values("furniture_fixture_material"))) > 50
    found = [each for each in lint(draft, UseEncoder()) if isinstance(each, Problem)]
    wines = {each.id: each for each in found if each.kind == "out-of-place" and each.label.endswith("酒")}
    assert {"color:blue", "color:red", "color:orange"} <= set(wines)
    assert not [concept for concept in wines if "wine" in concept or "beer" in concept]
    assert (wines["color:blue"].place.file, wines["color:blue"].place.line) == (
        "data/localizations/values/zh-CN.yml",
        10_938,
    )


def test_google_imports_whole(tmp_path: Path) -> None:
    draft = imported("google-product-taxonomy.tar.xz", "google", tmp_path / "made", None)
    report = check_taxonomy(tmp_path / "made")
    assert report.problems == ()
    assert report.counts == {"verticals": 21, "categories": 5600, "attributes": 0, "values": 0}
    assert len(report.labels) == 21
    counts = Counter(problem.kind for problem in draft.problems)
    assert counts == {
        "missing-label": 3463,
        "single-character": 57,
        "blanks": 29,
        "other-version": 20,
        "not-in-base": 18,
        "path-twice": 2,
    }
    assert read_taxonomy(tmp_path / "made").concept("category:537").label("de") == "Baby & Kleinkind"
