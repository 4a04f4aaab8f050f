"""The compiled form of a taxonomy: the same as what its files say, and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.compiled import open_compiled
from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.taxonomy import CATEGORY, Concept
from app.pipeline.matching.label_index import LabelIndex
from app.pipeline.text import fold_value


def test_what_is_compiled_is_what_the_files_say(tmp_path: Path) -> None:
    folder = data_folder("taxonomy") / TAXONOMY
    read = read_taxonomy(folder)
    for _ in range(2):  # compiled, then found
        taxonomy, index = open_compiled(folder, tmp_path)
        assert dict(taxonomy.concepts) == read.concepts
        assert taxonomy.attributes == read.attributes
        assert (taxonomy.digest, taxonomy.locales, taxonomy.sources) == (read.digest, read.locales, read.sources)
        assert [c.id for c in taxonomy.values(CATEGORY)] == [c.id for c in read.values(CATEGORY)]
        assert {c: taxonomy.path(c) for c in taxonomy.concepts} == {c: read.path(c) for c in read.concepts}
        assert len(index) == len(LabelIndex.of(read))
    (kept,) = (tmp_path / "compiled").iterdir()
    assert {path.name for path in kept.iterdir()} >= {"meta.json", "concepts.jsonl", "labels.marisa"}


def test_every_label_is_found_by_its_text(tmp_path: Path) -> None:
    taxonomy, index = open_compiled(data_folder("taxonomy") / TAXONOMY, tmp_path)

    def labels(concept: Concept) -> set[tuple[str, str]]:
        return {(concept.id, label.locale) for label in concept.labels}

    for concept in taxonomy.concepts.values():
        found = {
            (entry.concept_id, entry.locale)
            for label in concept.labels
            for entry in index.equal(fold_value(label.text), concept.attribute)
        }
        assert labels(concept) <= found


def test_a_changed_file_is_compiled_anew(taxonomy_folder: Path, tmp_path: Path) -> None:
    first, _ = open_compiled(taxonomy_folder, tmp_path)
    colors = taxonomy_folder / "values" / "color.yaml"
    colors.write_text(colors.read_text(encoding="utf-8").replace("color:navy", "color:marine"), encoding="utf-8")
    second, _ = open_compiled(taxonomy_folder, tmp_path)
    assert ("color:navy" in first.concepts, "color:marine" in first.concepts) == (True, False)
    assert ("color:navy" in second.concepts, "color:marine" in second.concepts) == (False, True)


@pytest.mark.parametrize("name", ["meta.json", "texts", "starts.npy", "labels.marisa", "postings.npy"])
def test_a_damaged_file_is_made_anew(taxonomy_folder: Path, tmp_path: Path, name: str) -> None:
    open_compiled(taxonomy_folder, tmp_path)
    (kept,) = (tmp_path / "compiled").iterdir()
    (kept / name).unlink()
    taxonomy, index = open_compiled(taxonomy_folder, tmp_path)
    assert index.equal("navy", "color")
    assert taxonomy.concept("color:navy").label("de")
    assert (kept / name).is_file()


def test_a_home_that_cannot_be_written_to_does_not_stop_anyone(taxonomy_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    taxonomy, index = open_compiled(taxonomy_folder, tmp_path / "file")
    assert taxonomy.concepts.keys() == read_taxonomy(taxonomy_folder).concepts.keys()
    assert index.equal("navy", "color")
