"""Where the encoders of families come from: installed packages that are never imported, or a folder."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from app.domain.errors import MissingExtra, SettingsError
from app.training.families.encoders import ENCODERS, encoder_folder, encoder_licence


@pytest.mark.parametrize("name", ENCODERS)
def test_an_installed_package_gives_its_folder_and_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    packaged = ENCODERS[name]
    folder = tmp_path / packaged.module / packaged.folder
    folder.mkdir(parents=True)
    (tmp_path / packaged.module / "__init__.py").write_text("raise ImportError('loads a model')", encoding="utf-8")
    monkeypatch.delitem(sys.modules, packaged.module, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert encoder_folder(name) == folder
    assert packaged.module not in sys.modules


@pytest.mark.parametrize("name", ENCODERS)
def test_a_missing_package_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, ENCODERS[name].module, None)
    with pytest.raises(MissingExtra, match=name) as caught:
        encoder_folder(name)
    assert caught.value.hint == f"pip install 'tagwright[{ENCODERS[name].extra}]'"
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert ENCODERS[name].extra in project["optional-dependencies"]


def test_another_package_of_the_same_name_is_not_taken_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "embedding").mkdir()
    (tmp_path / "embedding" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "embedding", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(MissingExtra):
        encoder_folder("m3e-small")


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert encoder_folder(str(tmp_path)) == tmp_path
    with pytest.raises(SettingsError, match="no encoder 'gte-small': neither a folder nor one of minilm, m3e-small"):
        encoder_folder("gte-small")


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("minilm", "Apache-2.0 (all-MiniLM-L6-v2)"),
        ("m3e-small", "non-commercial, research only (m3e-small)"),
        ("models/my-bert", "unknown"),
    ],
)
def test_the_licence_goes_onto_the_card(name: str, licence: str) -> None:
    assert encoder_licence(name) == licence
