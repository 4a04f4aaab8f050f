"""A tagged listing as people read it: its text with the evidence marked, then a table of tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from app.commands.terminal import printable
from app.domain.listing import Listing
from app.domain.tags import Decision, Evidence, Tag, TagSet
from app.domain.taxonomy import CATEGORY, Taxonomy
from app.pipeline.localize import Locales, concept_labels, labels, resolve

_LONG = 320
"""Characters of a field that are shown whole; of a longer one, its beginning and what surrounds the evidence."""
_BEGINNING, _AROUND = 120, 50
_STYLES = {Decision.ACCEPT: "bold green", Decision.REVIEW: "bold yellow"}
_OPEN, _CLOSE = "‹", "›"
"""Mark evidence where there are no colours."""


def show(console: Console, heading: str, listing: Listing, tags: TagSet, locales: Locales, taxonomy: Taxonomy) -> None:
    """Print one listing and its tags."""
    console.print(Rule(Text(printable(heading)), align="left", style="dim"))
    marked = {span: tag.decision for tag in tags.tags for span in tag.evidence}
    colour = bool(console.color_system) and not console.no_color
    console.print(Group(*_fields(listing, marked, colour=colour)))
    console.print(_table(tags.tags, locales, taxonomy) if tags.tags else Text("no tags", style="dim"))
    if tags.unmatched:
        values = (f"{_attribute(u.attribute, locales, taxonomy)}: {printable(u.raw)}" for u in tags.unmatched)
        console.print(Text("unmatched  " + "; ".join(values), style="magenta"))
    for warning in (*locales.warnings, *tags.warnings):
        console.print(Text(f"warning    {printable(warning.message)}", style="yellow"))
    console.print()


def default_locales(lang: str, taxonomy: Taxonomy) -> Locales:
    """Return English and the listing's language, where the taxonomy has it."""
    known = any(locale.split("-")[0] == lang for locale in taxonomy.locales)
    asked = dict.fromkeys(("en", lang) if known else ("en",))
    return Locales(pairs=resolve(tuple(asked), taxonomy).pairs)


def excerpt(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pieces of a text to show, (start, end) in order: all of a short one."""
    if len(text) <= _LONG:
        return [(0, len(text))]
    pieces = [(0, _BEGINNING)]
    for start, end in sorted(spans):
        start, end = max(0, start - _AROUND), min(len(text), end + _AROUND)
        if start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], end))
        else:
            pieces.append((start, end))
    return pieces


def _fields(listing: Listing, marked: dict[Evidence, Decision], *, colour: bool) -> Iterable[Text]:
    for name, source in listing.fields():
        spans = {(e.start, e.end): decision for e, decision in marked.items() if e.field == name}
        if spans or name in ("title", "description"):
            yield _field(name, source, spans, colour=colour)


def _field(name: str, source: str, spans: dict[tuple[int, int], Decision], *, colour: bool) -> Text:
    line = Text(f"{printable(name):<11} ", style="dim")
    for number, (start, end) in enumerate(excerpt(source, spans)):
        piece = Text(printable(source[start:end]), style="none")
        if colour:
            for (a, b), decision in spans.items():
                piece.stylize(_STYLES.get(decision, ""), max(a - start, 0), max(b - start, 0))
        else:
            piece = Text(_bracketed(piece.plain, [(a - start, b - start) for a, b in spans]), style="none")
        line.append(" … " if number else "").append_text(piece)
        if end < len(source) and number == len(excerpt(source, spans)) - 1:
            line.append(" …")
    return line


def _bracketed(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Put marks around the characters that any span covers."""
    covered = [False] * len(text)
    for start, end in spans:
        for index in range(max(start, 0), min(end, len(text))):
            covered[index] = True
    out: list[str] = []
    for index, char in enumerate(text):
        if covered[index] and (index == 0 or not covered[index - 1]):
            out.append(_OPEN)
        out.append(char)
        if covered[index] and (index + 1 == len(text) or not covered[index + 1]):
            out.append(_CLOSE)
    return "".join(out)


def _table(tags: Sequence[Tag], locales: Locales, taxonomy: Taxonomy) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("attribute")
    for asked, _ in locales.pairs:
        table.add_column(f"label ({asked})")
    table.add_column("confidence", justify="right")
    for name in ("decision", "source", "matched by"):
        table.add_column(name)
    for tag in tags:
        named = labels(tag, locales, taxonomy)
        style = _STYLES.get(tag.decision, "")
        table.add_row(
            Text(_attribute(tag.attribute, locales, taxonomy)),
            *(Text(printable(named[asked]), style=style) for asked, _ in locales.pairs),
            Text(f"{tag.confidence:.2f}"),
            Text(tag.decision.value, style=style),
            Text(tag.source.value),
            Text(_matched_by(tag)),
        )
    return table


def _attribute(attribute: str, locales: Locales, taxonomy: Taxonomy) -> str:
    """Return an attribute's name in the first locale asked for."""
    concept = taxonomy.attributes.get(attribute)
    if concept is None or not locales.pairs:
        return "Category" if attribute == CATEGORY else printable(attribute)
    return concept_labels(concept, locales)[locales.pairs[0][0]]


def _matched_by(tag: Tag) -> str:
    match = tag.match
    where = f" ({match.locale})" if match.locale else ""
    score = "" if match.score >= 100 else f" {match.score:g}"
    inferred = ", inferred" if tag.inferred else ""
    return printable(f"{match.method.value}{score} “{match.label}”{where}{inferred}")
