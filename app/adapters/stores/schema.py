"""The tables, one schema for SQLite and PostgreSQL. A change here needs a migration (a test compares the two).

    tenants    one row per tenant: the cursor of its last change; locked by every writer
    listings   one row per listing, deleted ones included: text, current version, cursor of the last change
    tag_sets   every version of a listing's tags
    tag_index  which listings carry a tag, ancestors of categories included
    locks      tags that a person fixed
    requeue    listings that have to be tagged again, one row for each reason
    unmatched  values of the current tag sets that fit no concept, one row per listing, attribute and folded value

A cursor is used once per tenant and a listing has one at a time, so (tenant, cursor) names a listing too. The
index of tags is kept by it: hits come out in the order asked for, from one range of the primary key.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text

KEY_LIMIT_BYTES = 512
"""Longest tenant, listing, attribute or tag id in UTF-8: PostgreSQL's B-tree takes no entry over 2,704 bytes, and
the widest key here has four of them."""

metadata = MetaData()

# Ids are compared, never sorted for people: "C" spares PostgreSQL the rules of a language, and an index that a
# new version of the system's collation would silently break.
KEY = Text().with_variant(Text(collation="C"), "postgresql")

tenants = Table(
    "tagwright_tenants",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", name="pk_tagwright_tenants"),
)

listings = Table(
    "tagwright_listings",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("id", KEY, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("listing", Text, nullable=True),
    PrimaryKeyConstraint("tenant", "id", name="pk_tagwright_listings"),
    Index("ix_tagwright_listings_cursor", "tenant", "cursor", unique=True),
)

tag_sets = Table(
    "tagwright_tag_sets",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("id", KEY, nullable=False),
    Column("version", Integer, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("tags", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "id", "version", name="pk_tagwright_tag_sets"),
)

tag_index = Table(
    "tagwright_tag_index",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("tag", KEY, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "tag", "cursor", name="pk_tagwright_tag_index"),
    # The other way round: what a listing carries, for facets and for taking it out of the index.
    Index("ix_tagwright_tag_index_cursor", "tenant", "cursor", "tag"),
    sqlite_with_rowid=False,
)

locks = Table(
    "tagwright_locks",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("id", KEY, nullable=False),
    Column("attribute", KEY, nullable=False),
    Column("tag", KEY, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "id", "attribute", "tag", name="pk_tagwright_locks"),
)

requeue = Table(
    "tagwright_requeue",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("id", KEY, nullable=False),
    Column("reason", KEY, nullable=False),
    # Seconds since 1970, UTC: SQLite has no type for a moment.
    Column("since", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "id", "reason", name="pk_tagwright_requeue"),
    Index("ix_tagwright_requeue_since", "tenant", "since", "id"),
)

unmatched = Table(
    "tagwright_unmatched",
    metadata,
    Column("tenant", KEY, nullable=False),
    Column("id", KEY, nullable=False),
    Column("attribute", KEY, nullable=False),
    # As values are compared, and cut: with the three ids it has to fit into an entry of an index.
    Column("folded", KEY, nullable=False),
    Column("lang", KEY, nullable=False),
    Column("raw", KEY, nullable=False),
    PrimaryKeyConstraint("tenant", "id", "attribute", "folded", name="pk_tagwright_unmatched"),
    sqlite_with_rowid=False,
)
