"""Alembic runs this; the connection, and the transaction around it, come from `migrate.py`."""

from __future__ import annotations

from alembic import context

from app.adapters.stores.migrate import VERSION_TABLE
from app.adapters.stores.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
