"""A small taxonomy with the traps of a large one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.bootstrap import TAXONOMY, data_folder
from app.domain.taxonomy import Concept, Kind, Label, Taxonomy, index_by_id

LOCALES = ("en", "de", "zh-CN")


def concept(concept_id: str, *, broader: str | None = None, relevant: tuple[str, ...] = (), **labels: str) -> Concept:
    """Return a concept from labels by locale: "Navy|navy blue"; the first is preferred, `~` marks an ambiguous one."""
    made = [
        Label(text=t.lstrip("~"), locale=loc.replace("_", "-"), preferred=n == 0, standalone=not t.startswith("~"))
        for loc, texts in labels.items()
        for n, t in enumerate(texts.split("|"))
    ]
    return Concept(
        id=concept_id, attribute=concept_id.split(":")[0], labels=tuple(made), broader=broader, relevant=relevant
    )


@pytest.fixture(scope="session")
def small() -> Taxonomy:
    """Shoes and shirts in three locales."""
    concepts = [
        concept("category:apparel", en="Clothing", de="Bekleidung", zh_CN="服装", relevant=("color", "material")),
        concept("category:shirts", broader="category:apparel", en="Shirts|shirt", de="Hemden|Hemd", zh_CN="衬衫"),
        concept("category:shoes", en="Shoes|shoe", de="Schuhe|Schuh", zh_CN="鞋子", relevant=("color", "brand")),
        concept("category:sneakers", broader="category:shoes", en="Sneakers|sneaker", de="Turnschuhe", zh_CN="运动鞋"),
        concept("color:blue", en="Blue", de="Blau|blaue", zh_CN="蓝色"),
        concept("color:navy", broader="color:blue", en="Navy|navy blue", de="Marineblau", zh_CN="藏青色"),
        concept("color:red", en="Red", de="Rot|rote", zh_CN="红色"),
        concept("color:rust", en="Rust", de="Rost", zh_CN="铁锈色"),
        concept("material:cotton", en="Cotton", de="Baumwolle", zh_CN="棉|纯棉面料"),
        concept("material:leather", en="Leather", de="Leder", zh_CN="皮革"),
        concept("brand:nike", en="Nike", de="Nike", zh_CN="耐克"),
        concept("brand:nikon", en="Nikon", de="Nikon", zh_CN="尼康"),
    ]
    attributes = [
        Concept(id=a, attribute="attribute", kind=kind, labels=(Label(text=a.title(), locale="en", preferred=True),))
        for a, kind in (("color", Kind.CLOSED), ("material", Kind.CLOSED), ("brand", Kind.OPEN))
    ]
    return Taxonomy(
        name="small", version="1", locales=LOCALES, concepts=index_by_id(concepts), attributes=index_by_id(attributes)
    )


@pytest.fixture
def taxonomy_folder(tmp_path: Path) -> Path:
    """A folder with a part of the shipped taxonomy: colours and what is worn."""
    shipped, made = data_folder("taxonomy") / TAXONOMY, tmp_path / "taxonomy"
    for name in ("manifest.yaml", "attributes.yaml", "values/color.yaml", "categories/apparel.yaml"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shipped / name, made / name)
    return made
