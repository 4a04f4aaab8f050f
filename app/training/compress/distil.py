"""Distillation: a student learns the probabilities that its teachers give to every span and label, beside gold.

Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network" (arXiv 1503.02531), at temperature 1: the mean of
several members is soft already. Teachers read what the student reads; their answers on titles that they were trained
on are hardly softer than gold, which is what `swap` of the recipe is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from app.adapters.families.card import FamilyCard, read_card
from app.adapters.families.tagger import load_tagger
from app.adapters.families.tagging import Labels, Network, Read, Scores
from app.domain.errors import InvalidFile


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """The members of one tagger or several, all with the student's labels."""

    networks: tuple[Network, ...]
    labels: Labels

    @classmethod
    def open(cls, folders: Sequence[Path], labels: Labels) -> Teacher:
        """Return the teacher in some folders; InvalidFile where one knows other attributes than the student."""
        networks: list[Network] = []
        for folder in folders:
            tagger = load_tagger(folder, read_card(folder).family)
            if tagger.networks[0].labels != labels:
                raise InvalidFile(f"{folder} was trained for other attributes", field="teacher")
            networks += tagger.networks
        return cls(networks=tuple(networks), labels=labels)

    def probabilities(self, reads: Sequence[Read]) -> Scores:
        """Return the members' mean probabilities, in the shapes of Scores."""
        with torch.no_grad():
            scores = [network(reads) for network in self.networks]
            return Scores(
                bio=torch.stack([each.bio.softmax(-1) for each in scores]).mean(0),
                spans=torch.stack([each.spans.softmax(1) for each in scores]).mean(0),
            )

    def loss(self, student: Scores, reads: Sequence[Read]) -> Tensor:
        """Return the cross-entropy of the student's scores under the teachers' probabilities, of both heads."""
        taught = self.probabilities(reads)
        words = torch.zeros(student.bio.shape[:2])
        attributes = torch.zeros(len(reads), student.spans.shape[2])
        for row, read in enumerate(reads):
            words[row, : len(read.words)] = 1
            attributes[row, self.labels.allowed(read.category)] = 1
        by_label = -(taught.bio * student.bio.log_softmax(-1)).sum(-1)
        by_span = -(taught.spans * student.spans.log_softmax(1)).sum(1)
        return _mean(by_label, words) + _mean(by_span, attributes)


def saw_held_out(card: FamilyCard, *, seed: int, folds: int, number: int) -> bool:
    """Say whether a teacher was trained on the part that a student holds out: its scores there are then flattered."""
    theirs = card.recipe
    left_out = {member % theirs["folds"] for member in range(theirs["members"])}
    return (theirs["seed"], theirs["folds"]) != (seed, folds) or left_out != {number}


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    mask = mask.to(values.device)
    return (values * mask).sum() / mask.sum().clamp(min=1)
