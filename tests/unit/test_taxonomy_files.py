"""A taxonomy's files are parsed once; what they say is kept under their digest."""

from __future__ import annotations

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


def test_a_file_that_is_no_yaml_is_named(folder: Path) -> None:
    (folder / "attributes.yaml").write_text("- [", encoding="utf-8")
    with pytest.raises(InvalidTaxonomy, match=r"attributes\.yaml"):
        read_taxonomy(folder)
