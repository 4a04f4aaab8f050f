"""Where a concept stands."""

from __future__ import annotations

import pytest

from app.domain.taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("concept_id", "path"),
    [
        ("category:sneakers", ("category:shoes", "category:sneakers")),
        ("color:red", ("color:red",)),
        ("color", ("color",)),  # an attribute stands nowhere: a match among all labels may meet two of them
    ],
)
def test_the_path_of_a_concept(small: Taxonomy, concept_id: str, path: tuple[str, ...]) -> None:
    assert small.path(concept_id) == path
