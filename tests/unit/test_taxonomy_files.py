"""A taxonomy's files are parsed once; what they say is kept under their digest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.adapters.taxonomy_files import read_taxonomy
from app.bootstrap import TAXONOMY, data_folder
from app.domain.errors import InvalidTaxonomy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shipped, made = data_folder("taxonomy") / TAXONOMY, tmp_path / "taxonomy"
    for name in ("manifest.yaml", "attributes.yaml", "values/color.yaml", "categories/apparel.yaml"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shipped / name, made / name)
    return made


def test_what_is_kept_reads_as_the_files_do(folder: Path, tmp_path: Path) -> None:
    parsed = tmp_path / "parsed"
    first = read_taxonomy(folder, parsed)
    (kept,) = parsed.iterdir()
    assert first.digest in kept.name
    assert read_taxonomy(folder, parsed) == first == read_taxonomy(folder)
    documents = json.loads(kept.read_text(encoding="utf-8"))
    documents[0]["version"] = "kept"
    kept.write_text(json.dumps(documents), encoding="utf-8")
    assert read_taxonomy(folder, parsed).version == "kept"  # it is what is read


def test_a_changed_file_and_a_damaged_one_are_read_anew(folder: Path, tmp_path: Path) -> None:
    parsed = tmp_path / "parsed"
    first = read_taxonomy(folder, parsed)
    (kept,) = parsed.iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert read_taxonomy(folder, parsed) == first
    colors = folder / "values" / "color.yaml"
    colors.write_text(colors.read_text(encoding="utf-8").replace("color:navy", "color:marine"), encoding="utf-8")
    assert "color:marine" in read_taxonomy(folder, parsed).concepts


def test_a_folder_that_cannot_be_written_keeps_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert read_taxonomy(folder, tmp_path / "file" / "parsed") == read_taxonomy(folder)


def test_a_file_that_is_no_yaml_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "attributes.yaml").write_text("- [", encoding="utf-8")
    with pytest.raises(InvalidTaxonomy, match=r"attributes\.yaml"):
        read_taxonomy(folder, tmp_path / "parsed")
