"""Decision trees, forests and linear models, trained on a small set."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="the extra `classical` is not installed")
pytest.importorskip("skops", reason="the extra `classical` is not installed")

from app.bootstrap_extractors import open_family
from app.domain.errors import WeightsMismatch
from app.domain.listing import Listing
from app.domain.tags import Extraction
from app.pipeline.extractor import AskedAttribute, Question
from app.training.families.classical import train
from tests.families import ATTRIBUTES, recipe, write_set


@pytest.mark.parametrize("family", ["tree", "forest", "linear"])
async def test_a_model_tells_what_is_stated_from_what_is_not(tmp_path: Path, family: str) -> None:
    data = write_set(tmp_path / "data")
    model = open_family(train(recipe(family, data, tmp_path / "models", trees=20)))
    titles = {
        "Alba Rosa Linen Shirt, Olive": ("Alba Rosa", "Olive", "Linen"),
        "K2 Cotton Shirt, Red": ("K2", "Red", "Cotton"),
        "Nordwind Shirt, Blue": ("Nordwind", "Blue", None),
    }
    attributes = tuple(AskedAttribute(name=name) for name in ATTRIBUTES["Shirt"])
    questions = [Question(listing=Listing(title=t), category="Shirt", attributes=attributes) for t in titles]
    answers = await model.extract_many(questions)
    for answer, (brand, color, material) in zip(answers, titles.values(), strict=True):
        assert isinstance(answer, Extraction)
        wanted = {"Brand": [brand], "Color": [color], "Item": ["Shirt"], "Material": [material]}
        assert answer.predicted == {name: values for name, values in wanted.items() if values != [None]}


def test_a_file_with_other_types_is_not_opened(tmp_path: Path) -> None:
    """What skops does not know as harmless is refused before it is loaded."""
    import json

    from skops import io

    folder = train(recipe("tree", write_set(tmp_path / "data"), tmp_path / "models"))
    io.dump({"vectorizer": Listing(title="x"), "classifiers": {}, "values": {}}, folder / "model.skops")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["files"] = {}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(WeightsMismatch, match=r"app\.domain\.listing\.Listing"):
        open_family(folder)
