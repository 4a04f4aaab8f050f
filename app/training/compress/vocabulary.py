"""Cuts an encoder's vocabulary to what listings of a set are written with: half of MiniLM's weights are word pieces.

Kept are the pieces that train and the taxonomy's labels need, the commonest others, and all single characters: a word
that lost its piece is spelled with smaller ones. Words that are kept are read exactly as before, because WordPiece
takes the longest piece. Labels are the better half: with them fewer words of unseen listings are read otherwise than
with as many of the commonest pieces of English.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagging import Network, Read
from app.adapters.families.words import words_of
from app.bootstrap import open_taxonomy
from app.domain.errors import InvalidFile
from app.settings import load_settings

_CONTINUES = "##"


def cut_vocabulary(network: Network, reads: Sequence[Read], commonest: int, labels: Iterable[str] = ()) -> None:
    """Leave the pieces of ``reads`` and ``labels``, the ``commonest`` ones and all characters; in place."""
    reader = network.reader
    if not isinstance(reader, EncoderReader):
        raise InvalidFile("only a pretrained encoder has word pieces to cut", field="pieces")
    content = json.loads(reader.tokenizer.to_str())
    if content["model"]["type"] != "WordPiece":
        raise InvalidFile(f"a tokenizer of type {content['model']['type']!r} cannot be cut", field="pieces")
    kept = kept_pieces(content, pieces_of(reader, reads, labels), commonest)
    reader.encoder.set_input_embeddings(_rows(reader.encoder.get_input_embeddings(), list(kept.values())))
    reader.encoder.config.vocab_size = len(kept)
    network.reader = EncoderReader(reader.encoder, _tokenizer(content, kept))


def pieces_of(reader: EncoderReader, reads: Sequence[Read], labels: Iterable[str] = ()) -> set[int]:
    """Return the numbers of the pieces that listings, their categories and labels are made of."""
    texts = {read.category for read in reads}
    texts |= {word.text for words in (*(read.words for read in reads), *map(words_of, labels)) for word in words}
    return {n for each in reader.tokenizer.encode_batch(sorted(texts), add_special_tokens=False) for n in each.ids}


def labels_in(languages: Iterable[str | None]) -> Iterator[str]:
    """Yield the taxonomy's labels in some languages, in whatever region's locale: what products are called."""
    spoken = {language.split("-")[0] for language in languages if language}
    for concept in open_taxonomy(load_settings()).concepts.values():
        yield from (label.text for label in concept.labels if label.locale.split("-")[0] in spoken)


def kept_pieces(content: dict[str, Any], seen: set[int], commonest: int) -> dict[str, int]:
    """Return the pieces to keep with their old numbers, in order: BERT's vocabulary is sorted by frequency."""
    special = {token["id"] for token in content["added_tokens"]}
    ranked = sorted((n, piece) for piece, n in content["model"]["vocab"].items() if not piece.startswith("[unused"))
    words = [n for n, piece in ranked if n not in special and not _is_character(piece)]
    keep = special | seen | set(words[:commonest])
    return {piece: n for n, piece in ranked if n in keep or _is_character(piece)}


def _is_character(piece: str) -> bool:
    return len(piece.removeprefix(_CONTINUES)) == 1


def _rows(embedding: nn.Embedding, kept: list[int]) -> nn.Embedding:
    weight = embedding.weight.detach()[torch.tensor(kept)].clone()
    padding = None if embedding.padding_idx is None else kept.index(embedding.padding_idx)
    return nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=padding)


def _tokenizer(content: dict[str, Any], kept: dict[str, int]) -> Any:
    from tokenizers import Tokenizer

    new = {piece: n for n, piece in enumerate(kept)}
    content["model"]["vocab"] = new
    content["added_tokens"] = [{**token, "id": new[token["content"]]} for token in content["added_tokens"]]
    content["post_processor"] = None  # readers put [CLS] and [SEP] themselves
    return Tokenizer.from_str(json.dumps(content))
