"""A trained span tagger's folder as a smaller one: the same networks, with fewer word pieces or coarser weights.

Nothing is trained. The card says what it was made of, and its scores are measured anew on what no member has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.adapters.families.card import FamilyCard, read_card, write_card
from app.adapters.families.tagger import Stored, load_tagger, save_tagger
from app.adapters.families.tagging import Read
from app.adapters.whole_files import making_folder
from app.domain.errors import InvalidFile
from app.training.compress.vocabulary import cut_vocabulary, labels_in
from app.training.families.gold import GoldListing, GoldSet, read_train
from app.training.families.scores import held_out_scores

SPAN_TAGGERS = ("bilstm", "ner")


def compress(folder: Path, out: Path, *, data: Path, pieces: int | None = None, stored: Stored = "int8") -> Path:
    """Make the folder ``out``; ``pieces``: see vocabulary.cut_vocabulary. Returns it.

    InvalidFile where the model is no span tagger, ``out`` is there already or the gold data is not what it was
    trained on.
    """
    card = span_tagger(folder)
    if out.exists():
        raise InvalidFile(f"there is a model at {out} already", field="out", hint="remove it, or give another name")
    sets = trained_on(card, data)
    rest, held = parts(card, sets[0])
    tagger = load_tagger(folder, card.family)
    if pieces is not None:
        listings = [*rest, *(item for each in sets[1:] for item in each.listings)]
        reads = [Read.of(item.listing, item.category) for item in listings]
        labels = list(labels_in({item.listing.lang for item in listings}))
        for network in tagger.networks:
            cut_vocabulary(network, reads, pieces, labels)
    with making_folder(out) as part:
        save_tagger(part, tagger, stored)
        smaller = load_tagger(part, card.family)
        measured = {"held_out": held_out_scores(smaller, held, sets[0].known)} if held else {}
        write_card(
            part,
            replace(
                card,
                name=out.name,
                recipe={**card.recipe, "compressed": {"of": card.name, "pieces": pieces, "stored": stored}},
                scores={**measured, "least": tagger.least, "uncompressed": card.scores},
            ),
        )
        part.chmod(0o755)
    return out


def span_tagger(folder: Path) -> FamilyCard:
    """Return the card of a span tagger; InvalidFile where the model is of another family."""
    card = read_card(folder)
    if card.family not in SPAN_TAGGERS:
        known = " and ".join(SPAN_TAGGERS)
        raise InvalidFile(f"{folder} is of family {card.family!r}", field="folder", hint=f"span taggers are {known}")
    return card


def trained_on(card: FamilyCard, data: Path) -> list[GoldSet]:
    """Return the sets that a model was trained on; InvalidFile where a file is another one than then."""
    sets = [read_train(data, each["set"]) for each in card.data]
    for then, now in zip(card.data, sets, strict=True):
        if then["sha256"] != now.described["sha256"]:
            raise InvalidFile(f"{card.name} was trained on another {now.name}/train.jsonl", field="data")
    return sets


def parts(card: FamilyCard, gold: GoldSet) -> tuple[Sequence[GoldListing], Sequence[GoldListing]]:
    """Return (what members were trained on, what none has seen): nothing, where each left out a part of its own."""
    recipe = card.recipe
    left_out = {member % recipe["folds"] for member in range(recipe["members"])}
    if len(left_out) > 1:
        return gold.listings, []
    return gold.fold(left_out.pop(), recipe["folds"], recipe["seed"])
