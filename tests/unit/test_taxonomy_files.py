"""A taxonomy folder that cannot be read as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.taxonomy_files import read_taxonomy
from app.domain.errors import InvalidTaxonomy


def test_a_file_that_is_no_yaml_is_named(taxonomy_folder: Path) -> None:
    (taxonomy_folder / "attributes.yaml").write_text("- [", encoding="utf-8")
    with pytest.raises(InvalidTaxonomy, match=r"attributes\.yaml"):
        read_taxonomy(taxonomy_folder)
