"""One self-contained HTML page about an evaluation, for people who buy and sell: `tagwright eval --report OUT.html`.

words.py   plain words for names and figures     view.py    what is said beyond the figures
plots.py   where the parts of a plot stand       templates/ the page, one file per section, its style and its script

The page asks nothing of any network, works without its script (sorting and filtering), and prints. Everything that
comes out of a listing is data: templates escape it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.adapters.whole_files import replacing
from app.domain.errors import InvalidFile
from app.domain.extras import needing
from eval.harness.result import Comparison, Result
from eval.report import plots, view, words

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
MOST_ROWS, FURTHER_ROWS = 100, 40
"""Rows of a table that are shown, under the protocol that is spoken of and under the others."""
MOST_MATRICES = 12


def write_report(result: Result, path: Path, *, comparison: Comparison | None = None) -> None:
    """Write the report of a result, and of what changed where it is compared; whole or not at all."""
    page = render(result, comparison)
    try:
        with replacing(path) as part:
            part.write_text(page, encoding="utf-8")
    except OSError as exc:
        raise InvalidFile(f"{path} cannot be written: {exc.strerror}", field="report") from exc


def check_report(path: Path) -> None:
    """Raise what would keep a report from being written, so that it is said before a long run."""
    if not path.parent.is_dir():
        raise InvalidFile(f"there is no folder {str(path.parent)!r} to write to", field="report")
    _environment()


def render(result: Result, comparison: Comparison | None = None) -> str:
    """Return the page."""
    main = result.protocols[view.main_protocol(result.protocols)]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            result=result,
            main=main,
            noun=words.PROTOCOLS[main.name],
            comparison=comparison,
            most_rows=MOST_ROWS,
            further_rows=FURTHER_ROWS,
            most_matrices=MOST_MATRICES,
        )
    )


def _environment() -> Environment:
    with needing("report", "a report"):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "percent": words.percent,
        "points": words.points,
        "interval": words.interval,
        "count": words.count,
        "language": words.language,
        "attribute": words.attribute,
        "listed": words.listed,
        "moment": words.moment,
    }
    made.filters.update(filters)
    made.globals.update(words=words, view=view, plots=plots)
    return made
