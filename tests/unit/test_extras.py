"""A package that is not installed is told with the command that installs it; a broken module of our own is not."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from app.bootstrap_extractors import EXTRAS
from app.domain.errors import MissingExtra
from app.domain.extras import needing


@pytest.mark.parametrize(
    ("extra", "what", "message"),
    [
        ("train", "a search", "a search needs optuna"),
        ("classical", "family 'tree'", "family 'tree' needs optuna"),
    ],
)
def test_a_missing_package_names_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, extra: str, what: str, message: str
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=f"^{message}$") as caught, needing(extra, what):
        importlib.import_module("optuna")
    assert caught.value.hint == f"pip install 'tagwright[{extra}]'"


def test_a_missing_module_of_the_project_is_a_defect() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_family"), needing("encoder", "family 'ner'"):
        importlib.import_module("app.adapters.families.no_such_family")


def test_the_extras_that_are_named_exist() -> None:
    extras = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {*EXTRAS.values(), "encoder", "train", "report", "transformers"} <= extras.keys()
