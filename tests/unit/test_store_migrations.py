"""The tables' version: known without Alembic, and the right one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory

from app.adapters.stores.migrate import HEAD, scripts

_OPEN = """
import asyncio, json, sys
from app.adapters.stores import open_store
async def main():
    await (await open_store(sys.argv[1])).close()
asyncio.run(main())
print(json.dumps([name for name in ("alembic", "sqlalchemy.ext.asyncio", "sqlalchemy.orm") if name in sys.modules]))
"""


def test_the_head_is_that_of_the_scripts() -> None:
    assert ScriptDirectory.from_config(scripts()).get_heads() == [HEAD]


def test_what_is_slow_to_import_is_imported_only_where_tables_are_made(tmp_path: Path) -> None:
    def imported() -> list[str]:
        words = [sys.executable, "-c", _OPEN, f"sqlite:///{tmp_path}/shop.db"]
        root = Path(__file__).parents[2]
        names: list[str] = json.loads(subprocess.run(words, cwd=root, check=True, capture_output=True).stdout)
        return names

    assert "alembic" in imported(), "the tables were made"
    assert imported() == []
