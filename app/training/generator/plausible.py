"""Which values a listing of a category could have: those of its relevant attributes that make sense together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.taxonomy import CATEGORY, Concept, Kind, Taxonomy
from app.training.generator.locale_file import read_data


class Plausible:
    """Values by category and attribute, from the taxonomy and plausible.yaml."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        data = read_data("plausible.yaml")
        self._taxonomy = taxonomy
        self._entries: Mapping[str, Mapping[str, str]] = data["values"]
        self._values: dict[str, dict[str, tuple[Concept, ...]]] = {}
        self._groups: dict[str, str] = {root: group for group, roots in data["groups"].items() for root in roots}
        self.devices: Mapping[str, Sequence[str]] = data["devices"]
        self.several = frozenset(data["several"])
        self.fibres = tuple(f"material:{name}" for name in data["fibres"])
        self.names = frozenset(data["names"])
        self.listed = frozenset(data["listed"])
        self.preferred = frozenset(data["preferred"])
        self.general = frozenset(data["general"])
        self._fitting = frozenset(data["fitting"])
        self._free_of: Mapping[str, Sequence[str]] = data["free_of"]
        self._negatable: Mapping[str, Mapping[str, Sequence[str]]] = data["negatable"]
        self.leaves = tuple(c for c in taxonomy.values(CATEGORY) if not taxonomy.children(c.id) and c.usable)

    def values(self, category: str) -> Mapping[str, tuple[Concept, ...]]:
        """Return attribute -> plausible values, of attributes with any; quantities are not among them."""
        if category not in self._values:
            found = {a: self._pool(category, a) for a in self._taxonomy.relevant(category)}
            self._values[category] = {attribute: pool for attribute, pool in found.items() if pool}
        return self._values[category]

    def group(self, category: str) -> str:
        """Return the group of templates that a category takes; `any` for one of another taxonomy."""
        return self._groups.get(_local(self._taxonomy.path(category)[0]), "any")

    def fits_others(self, category: str) -> bool:
        """Say whether products of the category fit other makers' ("for Bosch")."""
        return _local(self._taxonomy.path(category)[0]) in self._fitting

    def deniable(self, attribute: str, category: str, locale: str) -> tuple[Concept, ...]:
        """Return values that a listing may say it has not, in so many words ("not waterproof")."""
        if attribute == "material":
            names = self._free_of[self.group(category)]
            relevant = attribute in self._taxonomy.relevant(category)
            return tuple(c for c in self._taxonomy.values(attribute) if relevant and _local(c.id) in names)
        pool = self.values(category).get(attribute, ())
        allowed = self._negatable.get(locale, {}).get(attribute) or self._negatable["*"].get(attribute)
        return pool if allowed is None else tuple(c for c in pool if _local(c.id) in allowed)

    def nearest(self, category: str, entries: Mapping[str, Sequence[str]]) -> Sequence[str]:
        """Return the entry of the category or of its nearest ancestor; nothing where there is none."""
        for node in reversed(self._taxonomy.path(category)):
            if _local(node) in entries:
                return entries[_local(node)]
        return ()

    def _pool(self, category: str, attribute: str) -> tuple[Concept, ...]:
        known = self._taxonomy.attributes.get(attribute)
        if known is None or known.kind is Kind.QUANTITY:
            return ()
        usable = tuple(c for c in self._taxonomy.values(attribute) if c.usable)
        for node in reversed(self._taxonomy.path(category)):
            entry = self._entries.get(_local(node), {})
            if attribute in entry:
                names = entry[attribute].split()
                return tuple(c for c in usable if _local(c.id) in names)
        return usable


def _local(concept_id: str) -> str:
    return concept_id.split(":", 1)[-1]
