"""What a span tagger learns from: the examples of each epoch, and the loss of a batch of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from app.adapters.families.tagging import Labels, Scores
from app.training.compress.distil import Teacher
from app.training.families.gold import GoldListing
from app.training.families.spans import Example, example, loss
from app.training.generator.example import Example as Titled
from app.training.swap import Values, swapped, values_of


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """Listings of train, further ones of other sets, and a teacher or none."""

    listings: Sequence[GoldListing]
    more: Sequence[GoldListing] = ()
    labels: Labels
    absent_is_none: bool
    swap: float = 0.0
    """Of every other epoch's titles, the share of values that give way to another one of train."""
    teacher: Teacher | None = None
    taught: float = 0.5
    """Share of the teacher in the loss; the rest is gold's."""

    def examples(self, epoch: int = 0, seed: int = 0) -> list[Example]:
        """Return an epoch's examples; the first one's are the listings as they are."""
        listings = list(self.listings)
        if self.swap and epoch % 2:
            rng = random.Random(f"{seed}/{epoch}")  # noqa: S311 - not for secrets
            values = values_of(_titled(item) for item in listings)
            listings = [_swapped(item, values, self.swap, rng) for item in listings]
        examples = [example(item, self.labels, absent_is_none=self.absent_is_none) for item in listings]
        partly = (example(item, self.labels, absent_is_none=False) for item in self.more)
        return examples + [one for one in partly if one.values]

    def loss(self, scores: Scores, batch: Sequence[Example]) -> Tensor:
        """Return the loss of a batch's scores."""
        by_gold = loss(scores, batch)
        if self.teacher is None:
            return by_gold
        by_teacher = self.teacher.loss(scores, [each.read for each in batch])
        return self.taught * by_teacher + (1 - self.taught) * by_gold


def _titled(item: GoldListing) -> Titled:
    gold = {name: values for name, values in item.gold.items() if values}
    texts = {"title": item.listing.title}
    return Titled(category=item.category, lang=item.listing.lang or "", texts=texts, asked=(), gold=gold)


def _swapped(item: GoldListing, values: Values, share: float, rng: random.Random) -> GoldListing:
    made = swapped(_titled(item), values, share, rng)
    gold = {**item.gold, **{name: tuple(stated) for name, stated in made.gold.items()}}
    return replace(item, listing=replace(item.listing, title=made.texts["title"]), gold=gold)
