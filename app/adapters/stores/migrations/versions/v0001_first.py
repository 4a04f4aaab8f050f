"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make tenants, listings, tag sets, the index of tags, and locks."""
    op.create_table(
        "tagwright_tenants",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_tagwright_tenants"),
    )
    op.create_table(
        "tagwright_listings",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("listing", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_tagwright_listings"),
    )
    op.create_index("ix_tagwright_listings_cursor", "tagwright_listings", ["tenant", "cursor"], unique=True)
    op.create_table(
        "tagwright_tag_sets",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", "version", name="pk_tagwright_tag_sets"),
    )
    op.create_table(
        "tagwright_tag_index",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("tag", _KEY, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "tag", "cursor", name="pk_tagwright_tag_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tagwright_tag_index_cursor", "tagwright_tag_index", ["tenant", "cursor", "tag"])
    op.create_table(
        "tagwright_locks",
        sa.Column("tenant", _KEY, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("attribute", _KEY, nullable=False),
        sa.Column("tag", _KEY, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", "attribute", "tag", name="pk_tagwright_locks"),
    )


def downgrade() -> None:
    """Take them away, with all that is in them."""
    for table in ("locks", "tag_index", "tag_sets", "listings", "tenants"):
        op.drop_table(f"tagwright_{table}")
