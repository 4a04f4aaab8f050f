"""The model card for people: README.md in the folder of a trained model, written from its card.json.

Its sections follow Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

README = "README.md"
_COPIED = "Values are copied from the text, as they stand there: what a listing does not word is not found."
_CLASSES = (
    "Values are those that train had often. What a listing does not say is inferred from what such listings mostly "
    "have."
)
_KINDS: Mapping[str, tuple[str, str]] = {
    "dictionary": ("values of train that stand in the text; nothing is learned", _COPIED),
    "tree": ("decision trees on TF-IDF", _CLASSES),
    "forest": ("random forests on TF-IDF", _CLASSES),
    "linear": ("linear classifiers on TF-IDF", _CLASSES),
    "bilstm": ("a span tagger over a BiLSTM with characters", _COPIED),
    "ner": ("a span tagger over a pretrained encoder", _COPIED),
    "encoder": ("a pretrained encoder with an output per frequent value", _CLASSES),
    "fusion": ("several models asked together, each value by the weighted mean of their probabilities", _COPIED),
    "causal": ("a LoRA adapter of a generative language model", "Values are generated; a value may be worded freely."),
    "t5": ("an encoder-decoder language model", "Values are generated; a value may be worded freely."),
}
"""Family -> what it is, and where its values come from."""
_ABOUT_PEOPLE = {
    "gender",
    "age",
    "sex",
    "abteilung",
    "geschlecht",
    "性别",
    "适用性别",
    "适用人群",
    "kelamin",
    "gender_age",
}
_FREE = ("Apache-2.0",)


def write_readme(folder: Path, card: Mapping[str, Any]) -> None:
    """Write a model's card for people; ``card`` is what its card.json says, of whatever family."""
    (folder / README).write_text("\n".join(_lines(card)) + "\n", encoding="utf-8")


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    what, values = _KINDS[card["family"]]
    language_model = card["family"] in ("causal", "t5")
    option = "--adapter" if card["family"] == "causal" else "--model"
    yield f"# {card['name']}\n"
    yield f"Family `{card['family']}`: {what}. Made by `tagwright train`; `card.json` says everything, for machines.\n"
    yield "## Intended use\n"
    yield "Attribute values of product listings like those of its data, to be checked, or for filters and search:\n"
    yield f"    tagwright extract INPUT.jsonl OUTPUT.jsonl --schema SCHEMA {option} FOLDER\n"
    yield "Not meant for listings in other languages or of other kinds of goods, nor for decisions about people.\n"
    yield "## Data and licences\n"
    yield "| set | split | listings | licence of the source |\n|---|---|---|---|"
    for each in card["data"]:
        listings = each.get("kept", each.get("listings", each.get("a_epoch", "")))
        yield f"| {each['set']} | {each.get('split', 'own')} | {listings} | {each['licence']} |"
    yield f"\nWeights that it starts from: {_base(card)}. {_terms(card)}\n"
    yield "## Scores\n"
    yield "F1 in per cent; held out are listings of train that it was not trained on:\n"
    yield from (f"- {name}: {_shown(of)}" for name, of in card["scores"].items() if of is not None)
    yield "\n## Limits\n"
    yield f"- {values}"
    if not language_model:
        yield f"- Attributes: {', '.join(_attributes(card))}. Any other is left empty, and the answer says so."
    yield "- Held-out listings come from the sources of train: on other shops' listings expect less."
    yield "- A value is what annotators or sellers wrote; what they left out was learned as not stated.\n"
    yield "## Fairness\n"
    yield _about_people(card, inferred=values is _CLASSES)
    yield "`tagwright eval GOLD.jsonl --report OUT.html` counts errors by language, and gender given without evidence."


def _base(card: Mapping[str, Any]) -> str:
    base = card.get("base")
    return f"{base['name']}, {base['licence']}" if base else str(card["licence"])


def _terms(card: Mapping[str, Any]) -> str:
    closed = dict.fromkeys(f"{e['set']}: {e['licence']}" for e in card["data"] if e["licence"] not in _FREE)
    if not closed:
        return "Its data may be used by anyone under its licence."
    return f"Its data restricts its use ({'; '.join(closed)}): for research and evaluation, not to be passed on."


def _shown(scores: Any) -> str:
    if isinstance(scores, Mapping):
        return ", ".join(f"{name} {value}" for name, value in scores.items() if not isinstance(value, Mapping | list))
    return str(scores)


def _attributes(card: Mapping[str, Any]) -> list[str]:
    return sorted({name for names in card["attributes"].values() for name in names})


def _about_people(card: Mapping[str, Any], *, inferred: bool) -> str:
    if "attributes" not in card:
        return "It answers whatever attributes it is asked for, those about people among them."
    named = [name for name in _attributes(card) if _ABOUT_PEOPLE.intersection(name.casefold().split())]
    if not named:
        return "None of its attributes is about people."
    how = "may be inferred where the text does not say so" if inferred else "are given where the text words them"
    return f"About people: {', '.join(named)}. These {how}; they are about the product, never the buyer."
