"""The list of listings that have to be tagged again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the list."""
    op.create_table(
        "tagwright_requeue",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("reason", _KEY, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", "reason", name="pk_tagwright_requeue"),
    )
    op.create_index("ix_tagwright_requeue_since", "tagwright_requeue", ["tenant", "since", "id"])


def downgrade() -> None:
    """Take it away, with all that waits."""
    op.drop_table("tagwright_requeue")
