"""A taxonomy in the making: takes what an importer yields, gives out ids, and mends what the tree does not bear.

Labels are kept by locale in columns: a million of them as objects would take half a gigabyte.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from app.adapters.imports.identity import Wanted, assign
from app.adapters.imports.source import Item, Name, Node, NotTaken, Place, Problem, Role
from app.domain.taxonomy import CATEGORY

_RESERVED = frozenset({CATEGORY, "attribute"})


class Written(NamedTuple):
    """A label of a concept, and where the source has it."""

    text: str
    place: Place


class Labels:
    """The labels of one locale, in the order in which they came."""

    def __init__(self, files: list[str]) -> None:
        self._files = files  # shared by all locales: names by number
        self._owners, self._lines, self._file = array("l"), array("l"), array("H")
        self._subjects: dict[int, str] = {}
        self._texts: list[str] = []
        self._order: Sequence[int] = ()
        self._starts: Sequence[int] = ()

    def add(self, owner: int, text: str, place: Place) -> None:
        """Add a label of the concept with the number ``owner``."""
        if not self._files or self._files[-1] != place.file:
            self._files.append(place.file)
        if place.subject:
            self._subjects[len(self._texts)] = place.subject
        self._owners.append(owner)
        self._lines.append(place.line)
        self._file.append(len(self._files) - 1)
        self._texts.append(text)

    def arrange(self, size: int) -> None:
        """Sort by concept, of which there are ``size``; no label can be added after that."""
        counts = array("l", [0]) * (size + 1)
        for owner in self._owners:
            counts[owner + 1] += 1
        for number in range(size):
            counts[number + 1] += counts[number]
        self._starts = counts
        self._order = sorted(range(len(self._texts)), key=self._owners.__getitem__)

    def of(self, owner: int) -> Iterator[Written]:
        """Yield the labels of a concept, the prefLabel first."""
        for position in self._order[self._starts[owner] : self._starts[owner + 1]]:
            place = Place(self._files[self._file[position]], self._lines[position], self._subjects.get(position, ""))
            yield Written(self._texts[position], place)

    def texts(self, owner: int) -> list[str]:
        """Return the labels of a concept as they go into the files."""
        return [self._texts[position] for position in self._order[self._starts[owner] : self._starts[owner + 1]]]


class Draft:
    """Nodes by number, their ids and labels, and every problem that was met."""

    def __init__(self, locales: Sequence[str]) -> None:
        self.nodes: list[Node] = []
        self.ids: list[str] = []
        """By number; "" for a concept that is left out."""
        self.problems: list[Problem] = []
        self.not_taken: list[NotTaken] = []
        files: list[str] = []
        self.labels = {locale: Labels(files) for locale in locales}
        self._numbers: dict[tuple[Role, str], int] = {}

    def take(self, item: Item) -> None:
        """Take in what an importer yields."""
        if isinstance(item, Name):
            self._name(item)
        elif isinstance(item, Node):
            self._numbers[item.role, item.key] = len(self.nodes)
            self.nodes.append(item)
        elif isinstance(item, Problem):
            self.problems.append(item)
        elif isinstance(item, NotTaken) and item.count:
            self.not_taken.append(item)

    def number(self, role: Role, key: str | None) -> int | None:
        """Return the number of a concept; None where there is none, or it is left out."""
        return None if key is None else self._numbers.get((role, key))

    def attribute_id(self, node: Node) -> str:
        """Return the id of the attribute under which a concept stands."""
        if node.role is Role.VALUE:
            number = self.number(Role.ATTRIBUTE, node.attribute)
            return "" if number is None else self.ids[number]
        return CATEGORY if node.role is Role.CATEGORY else "attribute"

    def finish(self) -> None:
        """Give out ids and check the tree, once all has been taken in."""
        self._assign()
        for number, node in enumerate(self.nodes):
            if self.ids[number]:
                self.nodes[number] = self._checked(number, node)
        self._cut_cycles()
        for locale, labels in self.labels.items():
            labels.arrange(len(self.nodes))
            for number in range(len(self.nodes)):
                if self.ids[number] and not labels.texts(number):
                    self.say(number, "missing-label", f"no label in {locale}", locale=locale)

    def say(self, number: int, kind: str, message: str, *, locale: str = "", label: str = "") -> None:
        """Note a problem of a concept, where the source has it."""
        place = self.nodes[number].place
        concept = self.ids[number] if self.ids else self.nodes[number].key
        self.problems.append(Problem(kind=kind, message=message, place=place, id=concept, locale=locale, label=label))

    def _name(self, name: Name) -> None:
        def say(kind: str, message: str) -> None:
            self.problems.append(
                Problem(kind=kind, message=message, place=name.place, id=name.key, locale=name.locale, label=name.text)
            )

        number = self._numbers.get((name.role, name.key))
        text = " ".join(name.text.split())
        if number is None:
            say("unknown-concept", f"skipped: a label of a {name.role} that is not there")
            return
        if text != name.text:
            say("blanks", "blanks at the ends or in a row, or a line break: left out")
        if text.startswith("~"):
            text = text.lstrip("~ ")
            say("tilde", "a ~ at the beginning is left out: it marks labels that must not fire in running text")
        if not text:
            say("empty-label", "skipped: the label is empty")
            return
        self.labels[name.locale].add(number, text, name.place)

    def _assign(self) -> None:
        self.ids = [""] * len(self.nodes)
        groups: dict[str, list[int]] = defaultdict(list)
        for number, node in enumerate(self.nodes):
            if node.role is Role.ATTRIBUTE:
                groups[""].append(number)
        self._identify("", groups.pop("", []))
        for number, node in enumerate(self.nodes):
            if node.role is not Role.ATTRIBUTE:
                groups[self.attribute_id(node)].append(number)
        for number in groups.pop("", ()):
            self.say(number, "unknown-attribute", f"skipped: attribute {self.nodes[number].attribute!r} is not there")
        for attribute, numbers in groups.items():
            self._identify(attribute, numbers)

    def _identify(self, attribute: str, numbers: Sequence[int]) -> None:
        """Give ids to the concepts of one attribute, or to the attributes ("")."""
        nodes = [self.nodes[number] for number in numbers]
        wanted = (Wanted(node.key, node.name or node.key, node.tail) for node in nodes)
        parts, same = assign(wanted, word=not attribute, reserved=frozenset() if attribute else _RESERVED)
        for number, node in zip(numbers, nodes, strict=True):
            self.ids[number] = f"{attribute}:{parts[node.key]}" if attribute else parts[node.key]
        by_key = {node.key: number for number, node in zip(numbers, nodes, strict=True)}
        for group in same:
            for key in group:
                others = ", ".join(sorted(set(group) - {key}))
                message = f"{key!r} and {others!r} would have one id; this one is {self.ids[by_key[key]]}"
                self.say(by_key[key], "id-collision", message)

    def _checked(self, number: int, node: Node) -> Node:
        """Return a node without the links that lead nowhere."""
        if node.broader is not None:
            parent = self.number(node.role, node.broader)
            if parent is None or not self.ids[parent]:
                self.say(number, "unknown-broader", f"broader {node.broader!r} is not there: left out")
                node = replace(node, broader=None)
            elif self.attribute_id(self.nodes[parent]) != self.attribute_id(node):
                self.say(number, "other-broader", f"broader {self.ids[parent]} is of another attribute: left out")
                node = replace(node, broader=None)
        known = tuple(key for key in node.relevant if self.number(Role.ATTRIBUTE, key) is not None)
        for key in node.relevant:
            if key not in known:
                self.say(number, "unknown-attribute", f"attribute {key!r} is not there: left out")
        return self._shared(number, replace(node, relevant=known) if known != node.relevant else node)

    def _shared(self, number: int, node: Node) -> Node:
        """Return an attribute whose values come from one that has values of its own."""
        if node.values_from is None:
            return node
        seen = [node.key]
        key: str | None = node.values_from
        while key is not None and key not in seen:
            seen.append(key)
            found = self.number(Role.ATTRIBUTE, key)
            if found is None:
                break
            key = self.nodes[found].values_from
        if key is not None:
            self.say(number, "unknown-attribute", f"values_from {node.values_from!r} leads nowhere: left out")
            return replace(node, values_from=None)
        return replace(node, values_from=seen[-1])

    def _cut_cycles(self) -> None:
        done: set[int] = set()
        for start in range(len(self.nodes)):
            path: dict[int, None] = {}
            current: int | None = start
            while current is not None and current not in done and current not in path:
                path[current] = None
                current = self.number(self.nodes[current].role, self.nodes[current].broader)
            if current is not None and current in path:
                self.say(current, "cycle", f"is its own ancestor: broader {self.nodes[current].broader!r} left out")
                self.nodes[current] = replace(self.nodes[current], broader=None)
            done.update(path)
