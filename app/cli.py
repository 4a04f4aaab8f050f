"""The command line. Verbs are thin: their bodies, and all heavy imports, are in app/commands."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.cli_eval import evaluate
from app.cli_options import AS_JSON, PATH, listed, served
from app.cli_taxonomy import taxonomy
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
@served
@AS_JSON
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
    locales = listed(options.pop("locales"))
    sys.exit(run(TagJob(locales=locales, overrides=overrides, **options)))


@tagwright.command()
@click.option("--host", help="Address to listen on; TAGWRIGHT_HOST.")
@click.option("--port", type=int, help="Port to listen on, 0 for any that is free; TAGWRIGHT_PORT.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the HTTP API in the foreground until SIGINT or SIGTERM."""
    from app.commands.serve import run

    sys.exit(run(host=host, port=port))


@tagwright.command()
@click.argument("input", type=PATH)
@click.argument("output", type=PATH)
@click.option("--schema", type=PATH, required=True, help="JSON file of the attributes to extract, per category.")
@click.option("--train", type=PATH, help="Gold that a recipe may take demonstrations or dictionaries from.")
@click.option("--rules/--no-rules", "with_rules", default=True, help="Let rules fill what the model left empty.")
@click.option("--no-model", "with_model", is_flag=True, flag_value=False, default=True, help="Rules alone.")
@served
def extract(model: str | None, adapter: str | None, engine: str | None, **options: Any) -> None:
    """Extract your own attributes from INPUT.jsonl and write {"id", "predicted"} per row to OUTPUT.jsonl.

    A row that fails has "error" instead, and the exit code is then 1.
    """
    from app.commands.extract import ExtractJob, run

    sys.exit(run(ExtractJob(overrides={"model": model, "adapter": adapter, "engine": engine}, **options)))


@tagwright.command()
@click.argument("tags", type=PATH)
@click.argument("output", type=PATH)
@click.option("--listings", type=PATH, required=True, help="The file that was tagged: titles, descriptions, images.")
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
@click.argument("config", type=PATH)
@click.option("--set", "set_name", metavar="SET", help="The set to train on, where the recipe of a family names none.")
def train(config: Path, set_name: str | None) -> None:
    """Train a model or fine-tune an adapter by the recipe CONFIG.yaml; goes on from its last checkpoint."""
    from app.commands.train import run

    sys.exit(run(config, set_name))


tagwright.add_command(evaluate)
tagwright.add_command(taxonomy)


@tagwright.group()
def model() -> None:
    """The weights that packages carry, and what is made of them."""


@model.command()
@served
def pull(**overrides: Any) -> None:
    """Assemble the weights and compute the label vectors; what is there stays."""
    from app.commands.models import run_pull
    from app.settings import load_settings

    sys.exit(run_pull(load_settings(**overrides)))


@model.command("list")
@AS_JSON
def list_models(as_json: bool) -> None:
    """List base models, adapters and assembled files, with licence and size."""
    from app.commands.models import run_list

    sys.exit(run_list(as_json=as_json))


@model.command()
@served
@AS_JSON
def show(as_json: bool, **overrides: Any) -> None:
    """Show what is served: names, files, digests, licence terms."""
    from app.commands.models import run_show
    from app.settings import load_settings

    sys.exit(run_show(load_settings(**overrides), as_json=as_json))


@model.command()
@click.argument("folder", type=PATH)
@click.argument("out", type=PATH)
@click.option("--stored", type=click.Choice(("int8", "float16")), default="int8", show_default=True, help="Weights.")
@click.option("--pieces", type=click.IntRange(min=0), help="Commonest word pieces kept with known words'; else all.")
@click.option("--data", type=PATH, default="../shared/data", show_default=True, help="Folder of the gold sets.")
def compress(folder: Path, out: Path, **options: Any) -> None:
    """Make a trained span tagger smaller: OUT answers as FOLDER does, or nearly (see model measure)."""
    from app.commands.compress import run

    sys.exit(run(folder, out, **options))


@model.command()
@click.argument("name", metavar="SET")
@click.argument("folders", type=PATH, nargs=-1, required=True, metavar="FOLDER...")
@click.option("--dev", "on_dev", is_flag=True, help="Measure on dev instead of what training held out.")
@click.option("--pieces", type=int, multiple=True, help="Commonest word pieces of a variant; may be repeated.")
@click.option("--threads", type=click.IntRange(min=1), help="Of torch; its own choice if left out.")
@click.option("--data", type=PATH, default="../shared/data", show_default=True, help="Folder of the gold sets.")
def measure(name: str, folders: tuple[Path, ...], **options: Any) -> None:
    """Make variants of the first span tagger, and print quality, size and latency of all (see model compress)."""
    from app.commands.compress import run_measure

    sys.exit(run_measure(name, folders, **options))


@tagwright.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """Check the installation: packages, weights, settings, servers, threads, disk."""
    from app.commands.doctor import run

    sys.exit(run(as_json=as_json))


def main() -> None:
    """Run the command line."""
    tagwright(prog_name="tagwright")


if __name__ == "__main__":
    main()
