"""A trained span tagger as a predictor: members of an ensemble, their scores averaged, decoded to values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from app.adapters.families.extractor import Ranked, Values
from app.adapters.families.int8 import quantised, restored
from app.adapters.families.readers import EncoderReader, LstmReader
from app.adapters.families.tagging import LONGEST, NEVER, Labels, Network, Read
from app.domain.listing import Listing

CONFIG = "tagger.json"
_BATCH = 32
Stored = Literal["float16", "int8"]
"""How weights are written; both are opened as float32."""


class SpanTagger:
    """Networks of one form; see extractor.Predictor."""

    def __init__(self, networks: Sequence[Network], *, several: bool, least: float) -> None:
        """``several`` values of an attribute, or the one that fits best where its probability is at least ``least``."""
        self.networks = [network.eval() for network in networks]
        self.several, self.least = several, least

    def predict(self, listings: Sequence[Listing], categories: Sequence[str]) -> list[Values]:
        """Return values as they stand in the text."""
        if self.several:
            return [
                {name: [v for v, _ in values] for name, values in row.items()}
                for row in self.rank(listings, categories)
            ]
        return [sure(row, self.least) for row in self.rank(listings, categories)]

    def rank(self, listings: Sequence[Listing], categories: Sequence[str], most: int = 1) -> list[Ranked]:
        """Return each attribute's values with their probability: several that are stated, or the ``most`` likeliest."""
        reads = [Read.of(listing, category) for listing, category in zip(listings, categories, strict=True)]
        # Of like length together: padding is work too.
        order = sorted((n for n, read in enumerate(reads) if read.words), key=lambda n: len(reads[n].words))
        found: list[Ranked] = [{} for _ in reads]
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            for n, values in zip(rows, self._batch([reads[n] for n in rows], most), strict=True):
                found[n] = values
        return found

    def _batch(self, batch: Sequence[Read], most: int) -> list[Ranked]:
        labels = self.networks[0].labels
        with torch.inference_mode():
            scores = [network(batch) for network in self.networks]
        if self.several:
            bio = torch.stack([each.bio.log_softmax(-1) for each in scores]).mean(0).cpu()
            return [_several(read, bio[n, : len(read.words)], labels) for n, read in enumerate(batch)]
        chances = torch.stack([each.spans.softmax(1)[:, :-1] for each in scores]).mean(0).cpu()
        lengths = min(LONGEST, scores[0].bio.shape[1])
        return [_one_each(read, chances[n], labels, lengths, most) for n, read in enumerate(batch)]


def sure(ranked: Ranked, least: float) -> Values:
    """Return the values whose probability is at least ``least``."""
    return {name: [value for value, _ in values] for name, values in ranked.items() if values[0][1] >= least}


def _one_each(read: Read, chances: Tensor, labels: Labels, lengths: int, most: int) -> Ranked:
    best, places = chances.topk(min(most, len(chances)), 0)
    found: Ranked = {}
    for _, a in sorted((int(places[0, a]), a) for a in labels.allowed(read.category)):
        values = found.setdefault(labels.attributes[a], [])
        for chance, at in zip(best[:, a].tolist(), places[:, a].tolist(), strict=True):
            # Where a value stands twice, or beyond the end, its surface comes again: the likelier place counts.
            last = at // lengths + at % lengths
            if last < len(read.words) and (value := read.surface(at // lengths, last)) not in dict(values):
                values.append((value, chance))
    return {name: values for name, values in found.items() if values}


def _several(read: Read, bio: Tensor, labels: Labels) -> Ranked:
    """Return the values that the best labels under the constraint say, each once, in the order of the text."""
    found: Ranked = {}
    path = viterbi(bio)
    for first, label in enumerate(path):
        if label % 2 == 1:
            last = first
            while last + 1 < len(path) and path[last + 1] == label + 1:
                last += 1
            values = found.setdefault(labels.attributes[label // 2], [])
            value, chance = (
                read.surface(first, last),
                float(bio[range(first, last + 1), path[first : last + 1]].mean().exp()),
            )
            if value not in dict(values):
                values.append((value, chance))
    return found


def viterbi(bio: Tensor) -> list[int]:
    """Return the best labels (L) of log-probabilities (L, 1 + 2 A); I follows only B or I of its own attribute."""
    best = bio[0].clone()
    best[2::2] = NEVER
    begins, insides = torch.arange(1, bio.shape[1], 2), torch.arange(2, bio.shape[1], 2)
    came: list[Tensor] = []
    for word in bio[1:]:
        score, label = best.max(0)
        reached, source = score.repeat(len(best)), label.repeat(len(best))
        reached[2::2] = torch.maximum(best[1::2], best[2::2])
        source[2::2] = torch.where(best[1::2] >= best[2::2], begins, insides)
        came.append(source)
        best = reached + word
    path = [int(best.argmax())]
    for source in reversed(came):
        path.append(int(source[path[-1]]))
    return path[::-1]


def save_tagger(folder: Path, tagger: SpanTagger, stored: Stored = "float16") -> None:
    """Write networks (one file each) and what it takes to build them."""
    for number, network in enumerate(tagger.networks):
        tensors = network.state_dict()
        halves = {name: tensor.to(torch.float16).contiguous() for name, tensor in tensors.items()}
        save_file(quantised(tensors) if stored == "int8" else halves, folder / f"network-{number}.safetensors")
    network = tagger.networks[0]
    if isinstance(network.reader, EncoderReader):
        network.reader.save(folder)
    config = {
        "attributes": network.labels.attributes,
        "categories": network.labels.categories,
        "several": tagger.several,
        "least": tagger.least,
        "readers": [each.reader.description() for each in tagger.networks],
    }
    (folder / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")


def load_tagger(folder: Path, form: str) -> SpanTagger:
    """Return the tagger in a folder; ``form`` is its family."""
    config: Mapping[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    labels = Labels(
        attributes=tuple(config["attributes"]),
        categories={category: tuple(names) for category, names in config["categories"].items()},
    )
    networks = []
    for number, description in enumerate(config["readers"]):
        reader = LstmReader(**description) if form == "bilstm" else EncoderReader.empty(folder)
        network = Network(reader, labels)
        tensors = load_file(folder / f"network-{number}.safetensors")
        network.load_state_dict(restored(tensors), strict=False)
        networks.append(network)
    return SpanTagger(networks, several=config["several"], least=config["least"])
