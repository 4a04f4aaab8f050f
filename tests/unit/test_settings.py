"""Settings from the environment and a file; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import SettingsError
from app.settings import load_settings


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.yaml"
    monkeypatch.setenv("TAGWRIGHT_SETTINGS", str(path))
    for name in ("PORT", "SLOTS"):
        monkeypatch.delenv(f"TAGWRIGHT_{name}", raising=False)
    return path


def test_arguments_win_over_the_environment_and_that_over_the_file(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file.write_text("port: 8001\nslots: 3\n", encoding="utf-8")
    assert (load_settings().port, load_settings().slots) == (8001, 3)
    monkeypatch.setenv("TAGWRIGHT_PORT", "8002")
    assert load_settings().port == 8002
    assert load_settings(port=8003).port == 8003


def test_an_empty_file_changes_nothing(settings_file: Path) -> None:
    settings_file.write_text("# nothing yet\n", encoding="utf-8")
    assert load_settings().port == 8000


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        (b"port: [1\n", "TAGWRIGHT_SETTINGS", "no YAML"),
        (b"\xff\xfe\x00port", "TAGWRIGHT_SETTINGS", "no YAML"),
        (b"- port\n", "TAGWRIGHT_SETTINGS", "name: value"),
        (b"colour: red\nport: 1\n", "colour", "unknown settings in .*colour"),
        (b"port: many\n", "TAGWRIGHT_PORT", "TAGWRIGHT_PORT"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(settings_file: Path, content: bytes, field: str, message: str) -> None:
    settings_file.write_bytes(content)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings()
    assert caught.value.field == field


def test_a_file_that_is_not_there_is_named(settings_file: Path) -> None:
    with pytest.raises(SettingsError, match="settings.yaml cannot be read"):
        load_settings()


def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGWRIGHT_COLOUR", "red")
    with pytest.raises(SettingsError, match="TAGWRIGHT_COLOUR"):
        load_settings()
