"""The public client `reconciler` (PyPI), as it comes, against the service on a port of its own.

It wants the answers of 0.2 in the form that pandas can make a table of. Each value here has a candidate: with NumPy 2,
version 0.2.2 of the client fails by itself (`np.NaN`) on a value that has none.
"""

from __future__ import annotations

import pytest

from tests.integration.conftest import Server

pd = pytest.importorskip("pandas", reason="the extra `test` brings it")
reconciler = pytest.importorskip("reconciler", reason="the extra `test` brings it")


def test_a_column_of_colors(server: Server) -> None:
    column = pd.Series(["navy", "Marineblau", "turqoise", "navy", "藏青色", "dusty navy blue", "rouge"], name="color")
    found = reconciler.reconcile(column, type_id="color", reconciliation_endpoint=f"{server.url}/reconcile")
    by_value = {row.input_value: row for row in found.itertuples()}
    assert set(by_value) == set(column)
    assert {value: (row.id, row.match) for value, row in by_value.items()} == {
        "navy": ("color:navy", True),
        "Marineblau": ("color:navy", True),
        "turqoise": ("color:turquoise", True),
        "藏青色": ("color:navy", True),
        "dusty navy blue": ("color:navy", False),
        "rouge": ("color:red", True),
    }
    assert set(found["type_id"]) == {"color"}
    assert set(found["type"]) == {"Color"}
    assert found["score"].between(0, 100).all()


def test_properties_of_other_columns_are_hints(server: Server) -> None:
    table = pd.DataFrame(
        {
            "value": ["Orange", "Rose", "Leather"],
            "kind": ["color", "flavor", "material"],
            "language": ["en", "en", "en"],
        }
    )
    endpoint = f"{server.url}/reconcile"
    alone = reconciler.reconcile(table["value"], reconciliation_endpoint=endpoint)
    assert not alone.set_index("input_value")["match"]["Orange"]
    hinted = reconciler.reconcile(
        table["value"],
        property_mapping={"attribute": table["kind"], "lang": table["language"]},
        reconciliation_endpoint=endpoint,
    ).set_index("input_value")
    assert hinted["id"]["Orange"] == "color:orange"
    assert hinted["match"]["Orange"]
    assert list(hinted["type_id"]) == list(table["kind"])


def test_more_than_one_request_and_all_candidates(server: Server) -> None:
    paths = ["Clothing > Dresses", "Shoes > Sneakers"] + [f"shirt {number}" for number in range(25)]
    found = reconciler.reconcile(
        pd.Series(paths), type_id="category", top_res="all", reconciliation_endpoint=f"{server.url}/reconcile"
    )
    assert set(found["input_value"]) == set(paths)
    assert len(found) > len(paths)
    assert found[found["match"]].groupby("input_value").size().max() == 1
