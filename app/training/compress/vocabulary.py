"""Cuts an encoder's vocabulary to what listings of a set are written with: half of MiniLM's weights are word pieces.

Kept are the pieces that train needs, the commonest others, and all single characters: a word that lost its piece is
spelled with smaller ones. Words that train has are read exactly as before, because WordPiece takes the longest piece.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagging import Network, Read
from app.domain.errors import InvalidFile

_CONTINUES = "##"


def cut_vocabulary(network: Network, reads: Iterable[Read], commonest: int) -> None:
    """Leave the pieces of ``reads``, the ``commonest`` pieces of the vocabulary and all characters; in place."""
    reader = network.reader
    if not isinstance(reader, EncoderReader):
        raise InvalidFile("only a pretrained encoder has word pieces to cut", field="pieces")
    content = json.loads(reader.tokenizer.to_str())
    if content["model"]["type"] != "WordPiece":
        raise InvalidFile(f"a tokenizer of type {content['model']['type']!r} cannot be cut", field="pieces")
    kept = kept_pieces(content, pieces_of(reader, reads), commonest)
    reader.encoder.set_input_embeddings(_rows(reader.encoder.get_input_embeddings(), list(kept.values())))
    reader.encoder.config.vocab_size = len(kept)
    network.reader = EncoderReader(reader.encoder, _tokenizer(content, kept))


def pieces_of(reader: EncoderReader, reads: Iterable[Read]) -> set[int]:
    """Return the numbers of the pieces that listings and their categories are made of."""
    texts = {text for read in reads for text in (read.category, *(word.text for word in read.words))}
    return {n for each in reader.tokenizer.encode_batch(sorted(texts), add_special_tokens=False) for n in each.ids}


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
