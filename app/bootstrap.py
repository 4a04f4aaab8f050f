"""The one place where parts are chosen and put together."""

from __future__ import annotations

from pathlib import Path

from app.domain.errors import SettingsError

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """Return `taxonomy` or `prompts`: inside the installed package, or beside it in a checkout."""
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise SettingsError(f"the folder {name}/ is missing from this installation", hint="install tagwright again")
