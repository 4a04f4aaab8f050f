"""A trained model as a tagger under the shipped taxonomy, and behind `tagwright train` and `tagwright extract`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from app.bootstrap_extractors import open_family_tagger
from app.domain.errors import InvalidListing
from app.domain.listing import Listing
from app.domain.tags import Source
from app.settings import Settings
from app.training.families.trainers import train
from tests.families import recipe, write_set


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = tmp_path / "recipe.yaml"
    data = write_set(tmp_path / "data")
    config.write_text(yaml.safe_dump(recipe("dictionary", data, tmp_path / "models")), encoding="utf-8")
    return train(config)


async def test_values_become_canonical_tags(folder: Path, home: Path) -> None:
    tagger = open_family_tagger(Settings(home=home), folder)
    tags, bare = await tagger.tag([Listing(title="Alba Rosa Linen Shirt, Navy Blue"), Listing(title="Shirt")])
    made = {tag.attribute: tag for tag in tags.tags}
    assert made["color"].id == "color:navy"
    assert made["material"].id == "material:linen"
    assert made["color"].source is Source.MODEL
    assert [(e.start, e.end) for e in made["color"].evidence] == [(23, 32)]
    assert ("brand", "Alba Rosa") in {(u.attribute, u.raw) for u in tags.unmatched}
    assert "category" in made
    assert {tag.attribute for tag in bare.tags} == {"category"}
    assert tags.versions.model.startswith("dictionary/dictionary-small@")
    assert tags.fingerprint != bare.fingerprint


async def test_an_empty_title_is_an_error(folder: Path, home: Path) -> None:
    with pytest.raises(InvalidListing):
        await open_family_tagger(Settings(home=home), folder).tag([Listing(title=" ")])
