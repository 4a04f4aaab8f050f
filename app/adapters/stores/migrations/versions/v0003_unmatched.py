"""Values that fit no concept, in a table where they can be counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.adapters.stores.unmatched import backfill

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table, and fill it from the tag sets that are stored."""
    op.create_table(
        "tagwright_unmatched",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("attribute", _KEY, nullable=False),
        sa.Column("folded", _KEY, nullable=False),
        sa.Column("lang", _KEY, nullable=False),
        sa.Column("raw", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", "attribute", "folded", name="pk_tagwright_unmatched"),
        sqlite_with_rowid=False,
    )
    backfill(op.get_bind())


def downgrade() -> None:
    """Take it away; the tag sets have all that was in it."""
    op.drop_table("tagwright_unmatched")
