"""An HTML page read back: what a browser and a screen reader find in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br", "link", "img", "hr"})
SHAPES = frozenset({"path", "rect", "circle"})
"""Of SVG; they end themselves."""


@dataclass
class Node:
    """An element."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str, name: str | None = None) -> list[Node]:
        """Return the elements within of a tag, and of a class where it is given."""
        return [one for one in self.walk() if one.tag == tag and (name is None or name in one.classes)]

    def walk(self) -> Iterator[Node]:
        """Yield all elements within, in order."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    @property
    def classes(self) -> list[str]:
        """Names of classes."""
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """All text within, white space as a browser shows it."""
        return " ".join(self._raw().replace("\N{NARROW NO-BREAK SPACE}", " ").split())

    def _raw(self) -> str:
        return "".join(child if isinstance(child, str) else child._raw() for child in self.children)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES, f"<{tag}/> does not end itself in HTML"
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(page: str) -> Node:
    """Return a page, every element of which must be ended."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    (whole,) = parser.open
    return whole


def section(page: Node, name: str) -> Node:
    """Return the section that is labelled by an id."""
    return next(one for one in page.all("section") if one.attributes["aria-labelledby"] == name)
