"""`tagwright taxonomy ...`: thin verbs, as in cli.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from app.cli_options import AS_JSON, PATH, listed


@click.group()
def taxonomy() -> None:
    """Look into a taxonomy."""


@taxonomy.command()
@click.argument("folder", required=False, type=PATH)
@click.option("--against", type=PATH, metavar="OLD", help="The version before: its ids must all be there still.")
@AS_JSON
def check(folder: Path | None, against: Path | None, as_json: bool) -> None:
    """Check FOLDER, or the taxonomy in use, against the rules of a taxonomy; the exit code is 1 for problems."""
    from app.commands.taxonomy import check as run

    sys.exit(run(folder, against=against, as_json=as_json))


@taxonomy.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--write-mapping", type=PATH, metavar="FILE", help="Also write where ids go: .yaml, .csv or .jsonl.")
@AS_JSON
def diff(old: Path, new: Path, write_mapping: Path | None, as_json: bool) -> None:
    """Show what changed from the taxonomy folder OLD to NEW."""
    from app.commands.taxonomy_versions import diff as run

    sys.exit(run(old, new, write_mapping=write_mapping, as_json=as_json))


@taxonomy.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--mapping", type=PATH, metavar="FILE", help="Where ids go, before all else: .yaml, .csv or .jsonl.")
@click.option("--tenant", default="default", show_default=True, help="Whose listings.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--report", type=PATH, metavar="FILE", help="Add a line of JSON here for each listing that is touched.")
@AS_JSON
def migrate(old: Path, new: Path, **options: Any) -> None:
    """Bring the stored tags from the taxonomy folder OLD to NEW, and list what has to be tagged again.

    May be broken off and run again.
    """
    from app.commands.taxonomy_versions import MigrateJob
    from app.commands.taxonomy_versions import migrate as run

    sys.exit(run(MigrateJob(old=old, new=new, **options)))


@taxonomy.command("import")
@click.argument("source", type=PATH)
@click.argument("folder", type=PATH, metavar="OUTPUT_FOLDER")
@click.option("--format", type=click.Choice(("shopify", "google", "skos", "table")), help="Recognised when left out.")
@click.option("--locales", help="Only labels in these languages and English, such as de,zh-CN.")
@click.option("--name", help="Name of the taxonomy; that of the source when left out.")
@click.option("--version", help="Its version; that of the source when left out.")
@click.option("--lint/--no-lint", default=True, help="Look for signs of machine translation (about 2 s a language).")
@AS_JSON
def import_taxonomy(locales: str | None, **options: Any) -> None:
    """Import the taxonomy SOURCE, a file, folder or archive (.zip, .tar.*), into OUTPUT_FOLDER.

    Formats: shopify (its repository), google (taxonomy-with-ids.LOCALE.txt), skos (.ttl, .nt, .rdf, .jsonld), table
    (.csv or .tsv with the columns id, attribute, broader, label:LOCALE, alt:LOCALE with | between labels, google,
    exact, attributes, kind, dimension, values_from).

    Every problem of the source is in import-report.jsonl; the exit code is 0 all the same, and 2 for unusable input.
    """
    from app.commands.taxonomy_import import ImportJob, run

    sys.exit(run(ImportJob(locales=listed(locales), **options)))


@taxonomy.command()
@click.argument("query")
@click.option("--attribute", help="Only values of this attribute; with it, values near in meaning are found too.")
@click.option("--category", help="Only values of attributes that are relevant in this category.")
@click.option("--lang", help="Labels in this language first.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--explain", is_flag=True, help="Say which layer has the label: the taxonomy or one of the overlays.")
@AS_JSON
def search(query: str, **options: Any) -> None:
    """Find concepts by what people call them, in any language."""
    from app.commands.taxonomy import search as run

    sys.exit(run(query, **options))


@taxonomy.command("export")
@click.argument("output", type=PATH)
@click.option("--format", "format_name", type=click.Choice(["skos-turtle", "skos-jsonld"]), required=True)
@click.option("--folder", type=PATH, help="The taxonomy to export; the one in use when left out.")
@click.option("--locales", help="Languages of the labels, such as en,de,zh-CN; all when left out.")
@click.option(
    "--base", metavar="URI", help="What concept ids are put after to make URIs; urn:tagwright:NAME: if not given."
)
def export_taxonomy(locales: str | None, **options: Any) -> None:
    """Write a taxonomy to OUTPUT as SKOS: schemes, concepts, labels, broader and narrower, matches, successors."""
    from app.commands.taxonomy_export import export as run

    sys.exit(run(locales=listed(locales), **options))


@taxonomy.command()
@click.argument("concepts", metavar="CONCEPT...", nargs=-1, required=True)
@click.option("--locales", help="Languages of the labels, such as en,de; English when left out.")
@AS_JSON
def implied(concepts: tuple[str, ...], locales: str | None, as_json: bool) -> None:
    """Show what follows from tags, such as category:parkas, and why: a parka is outerwear, for winter."""
    from app.commands.taxonomy_implied import implied as run

    sys.exit(run(concepts, locales=listed(locales), as_json=as_json))


@taxonomy.command()
@click.argument("text")
@click.option("--attribute", help="The attribute whose value TEXT is; only units of its dimension are read.")
@click.option("--dimension", help="The same without an attribute: mass, volume, length, data, count, shoe, ...")
@click.option("--lang", help="The language of TEXT: it decides what 1.000 is.")
@AS_JSON
def quantity(text: str, **options: Any) -> None:
    """Read the quantity in TEXT, the value of one attribute: "3 x 250 ml"."""
    from app.commands.quantity import quantity as run

    sys.exit(run(text, **options))


@taxonomy.command()
@click.option("--attribute", help="Only values of this attribute.")
@click.option("--lang", help="Only of listings in this language.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--min-count", type=click.IntRange(1), default=1, show_default=True, help="Listings that have the value.")
@click.option("--write-overlay", type=PATH, metavar="FILE", help="Write the aliases shown that are spelt alike here.")
@click.option(
    "--min-score", type=click.FloatRange(60, 100), default=85.0, show_default=True, help="Likeness for --write-overlay."
)
@click.option("--tenant", default="default", show_default=True, help="Whose listings.")
@AS_JSON
def suggest(**options: Any) -> None:
    """Show stored values that fit no concept, and what they seem to be: an alias, a new value, noise."""
    from app.commands.taxonomy_suggest import SuggestJob, run

    sys.exit(run(SuggestJob(**options)))


@taxonomy.command()
@click.argument("input", type=PATH)
@click.argument("output", type=PATH)
@click.option("--column", help="Column of the values; `value`, or the only one, when left out.")
@click.option("--attribute", help="Attribute of rows that name none in a column `attribute`; all when left out.")
@click.option("--lang", default="en", show_default=True, help="Language of rows that name none in a column `lang`.")
@click.option("--taxonomy", type=PATH, metavar="FOLDER", help="Instead of TAGWRIGHT_TAXONOMY.")
@click.option("--encoding", help="Encoding of a CSV or TSV file; recognised when left out.")
@click.option("--semantic", is_flag=True, help="Also match by meaning: about ten times slower, an encoder per process.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes; as many as cores when left out.")
@AS_JSON
def normalize(**options: Any) -> None:
    """Map the values of INPUT (.csv or .tsv with a header, .jsonl) onto the taxonomy.

    OUTPUT has the same rows in the same order, and id, method, score, label and locale of what each value matched;
    match_id and so on where INPUT has such a column.
    """
    from app.commands.taxonomy_normalize import NormalizeJob, run

    sys.exit(run(NormalizeJob(**options)))


@taxonomy.command()
@click.argument("file", required=False)
@click.option("--title", help="Categorise this title instead of a file.")
@click.option("--lang", help="Language (BCP 47) of the listing, or of rows that name none; identified when left out.")
@click.option("--taxonomy", type=PATH, metavar="FOLDER", help="The taxonomy; that of the settings when left out.")
@click.option("--top", type=click.IntRange(1, 100), default=5, show_default=True, help="Categories shown.")
@click.option("--ask-model", type=click.Choice(("tuned", "instructed")), help="Let the model choose among the best.")
@AS_JSON
def categorize(**options: Any) -> None:
    """Find the category of the listings of FILE, of stdin (-), or of one --title, in a large tree.

    Reads titles, in any language. Confidence is the probability that a category is right. The first use with a
    taxonomy takes up to a minute, for the vectors of its categories.
    """
    from app.commands.taxonomy_categorize import CategorizeJob, run

    if (options["file"] is None) == (options["title"] is None):
        raise click.UsageError("give either FILE (- for stdin) or --title")
    sys.exit(run(CategorizeJob(**options)))
