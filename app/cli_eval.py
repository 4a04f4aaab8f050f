"""`tagwright eval`: the verb; its body is in app/commands/evaluate.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from app.cli_options import AS_JSON, PATH, served


@click.command("eval")
@click.argument("gold", type=PATH, required=False)
@click.option("--predictions", type=PATH, help="Judge these answers instead of asking what is served.")
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    type=click.Choice(["slots", "strict", "sets", "tags", "category"]),
    help="How answers are judged; may be given several times. All that GOLD supports when left out.",
)
@click.option("--train", type=PATH, help="Gold that tells seen values from unseen ones.")
@click.option("--schema", type=PATH, help="Attributes to ask for; schema.json beside GOLD when left out.")
@click.option("--data", type=PATH, default=Path("../shared/data"), show_default=True, help="Where texts are looked up.")
@click.option("--values", type=PATH, help="What surface values mean, for --protocol tags; else that of the set.")
@click.option("--no-rules", "with_rules", is_flag=True, flag_value=False, default=True, help="The model alone.")
@click.option("--no-model", "with_model", is_flag=True, flag_value=False, default=True, help="Rules alone.")
@click.option("--limit", type=click.IntRange(1), help="Only so many listings, the first ones.")
@click.option("--at-once", type=click.IntRange(1), help="Listings in work at a time; 1 measures latency.")
@click.option("--folds", type=click.IntRange(2), help="Fit confidence on all folds but one, judge it on that one.")
@click.option("--precision", type=click.FloatRange(0, 1), default=0.9, show_default=True, help="Find its threshold.")
@click.option("--save", type=PATH, help="Write the whole result to a file, for --compare.")
@click.option("--report", type=PATH, help="Write a page for people: figures, plots, mistakes with evidence (HTML).")
@click.option("--compare", nargs=2, type=PATH, metavar="A B", help="Show what changed between two saved results.")
@served
@AS_JSON
def evaluate(gold: Path | None, compare: tuple[Path, Path] | None, **options: Any) -> None:
    """Measure how often answers are right on GOLD.jsonl: precision, recall, confidence, speed, with 95 % intervals.

    What is measured is what is served: a tagger on gold tags, an extractor on gold values; or --predictions.
    """
    from app.commands import evaluate as body

    if compare is not None and gold is None:
        sys.exit(body.run_comparison(*compare, report=options["report"], as_json=options["as_json"]))
    if gold is None or compare is not None:
        raise click.UsageError("give either GOLD or --compare A B")
    overrides = {name: options.pop(name) for name in ("model", "adapter", "engine")}
    sys.exit(body.run(body.EvalJob(gold=gold, overrides=overrides, **options)))
