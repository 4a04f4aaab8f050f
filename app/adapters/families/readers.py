"""What turns words into vectors: a BiLSTM with its own vocabulary, or a pretrained encoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from app.adapters.families.tagging import Read, Reader

PAD, UNKNOWN = 0, 1
_MOST_CHARACTERS = 16
"""Of a word."""


class LstmReader(Reader):
    """Word and character vectors and the category, through a BiLSTM (Lample et al. 2016; characters by a CNN)."""

    def __init__(self, vocabulary: Sequence[str], characters: Sequence[str], categories: Sequence[str]) -> None:
        super().__init__()
        self._known = (tuple(vocabulary), tuple(characters), tuple(categories))
        self._words = {word: n + 2 for n, word in enumerate(vocabulary)}
        self._characters = {character: n + 2 for n, character in enumerate(characters)}
        self._categories = {category: n + 1 for n, category in enumerate(categories)}
        self.words = nn.Embedding(len(vocabulary) + 2, 100, padding_idx=PAD)
        self.characters = nn.Embedding(len(characters) + 2, 32, padding_idx=PAD)
        self.convolution = nn.Conv1d(32, 64, kernel_size=3, padding=1)
        self.categories = nn.Embedding(len(categories) + 1, 32)
        self.lstm = nn.LSTM(100 + 64 + 32, 160, num_layers=2, batch_first=True, bidirectional=True, dropout=0.3)
        self.dropout = nn.Dropout(0.3)
        self.width = 320

    @classmethod
    def of(cls, reads: Iterable[Read]) -> LstmReader:
        """Return a reader with the vocabulary of train: words and characters that come twice, all categories."""
        words, characters, categories = Counter[str](), Counter[str](), Counter[str]()
        for read in reads:
            words.update(word.text.lower() for word in read.words)
            characters.update(read.text)
            categories[read.category] += 1
        return cls(
            sorted(w for w, n in words.items() if n > 1),
            sorted(c for c, n in characters.items() if n > 1),
            sorted(categories),
        )

    def encode(self, batch: Sequence[Read]) -> dict[str, Tensor]:
        """Return words (B, L), characters (B, L, C), categories (B) and lengths (B)."""
        size = max(1, *(len(read.words) for read in batch))
        words = torch.full((len(batch), size), PAD)
        characters = torch.full((len(batch), size, _MOST_CHARACTERS), PAD)
        for row, read in enumerate(batch):
            for place, word in enumerate(read.words):
                words[row, place] = self._words.get(word.text.lower(), UNKNOWN)
                spelt = [self._characters.get(c, UNKNOWN) for c in word.text[:_MOST_CHARACTERS]]
                characters[row, place, : len(spelt)] = torch.tensor(spelt)
        categories = torch.tensor([self._categories.get(read.category, 0) for read in batch])
        device = self.words.weight.device
        return {
            "words": words.to(device),
            "characters": characters.to(device),
            "categories": categories.to(device),
            "lengths": torch.tensor([max(1, len(read.words)) for read in batch]),  # stays: packing wants it there
        }

    def forward(self, words: Tensor, characters: Tensor, categories: Tensor, lengths: Tensor) -> Tensor:
        """Return (B, L, width)."""
        rows, size, _ = characters.shape
        if self.training:  # words are forgotten now and then, so that unknown ones are read by their characters
            words = words.masked_fill((torch.rand(words.shape, device=words.device) < 0.1) & (words != PAD), UNKNOWN)
        spelt = self.characters(characters).flatten(0, 1).transpose(1, 2)
        spelt = self.convolution(spelt).amax(-1).relu().view(rows, size, -1)
        category = self.categories(categories)[:, None].expand(-1, size, -1)
        x = self.dropout(torch.cat([self.words(words), spelt, category], -1))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.dropout(pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=size)[0])

    def description(self) -> dict[str, Any]:
        """Return the vocabularies."""
        return dict(zip(("vocabulary", "characters", "categories"), self._known, strict=True))


class EncoderReader(Reader):
    """A pretrained encoder over word pieces; a word is its first piece's vector. Reads ``category [SEP] listing``."""

    def __init__(self, encoder: Any, tokenizer: Any) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokenizer = tokenizer
        self._most: int = encoder.config.max_position_embeddings
        self.width: int = encoder.config.hidden_size
        self._start, self._end = (tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
        self._unknown = tokenizer.token_to_id("[UNK]")

    @classmethod
    def new(cls, folder: Path) -> EncoderReader:
        """Return a reader with the weights in a folder, on the CPU wherever they were saved.

        It holds config.json, tokenizer.json and model.safetensors or pytorch_model.bin (tensors alone are read).
        """
        from transformers import AutoModel

        return cls(AutoModel.from_pretrained(folder, add_pooling_layer=False), _tokenizer(folder))

    @classmethod
    def empty(cls, folder: Path) -> EncoderReader:
        """Return a reader of the same form, its weights still to be loaded (config.json, tokenizer.json)."""
        from transformers import AutoConfig, AutoModel

        config = AutoConfig.from_pretrained(folder)
        return cls(AutoModel.from_config(config, add_pooling_layer=False), _tokenizer(folder))

    def encode(self, batch: Sequence[Read]) -> dict[str, Tensor]:
        """Return pieces and their mask (B, T), and each word's first piece (B, L)."""
        rows = [self._ids(read) for read in batch]
        width, size = max(len(ids) for ids, _ in rows), max(1, *(len(first) for _, first in rows))
        ids = torch.zeros(len(batch), width, dtype=torch.long)
        mask, first = torch.zeros_like(ids), torch.zeros(len(batch), size, dtype=torch.long)
        for row, (pieces, starts) in enumerate(rows):
            ids[row, : len(pieces)] = torch.tensor(pieces)
            mask[row, : len(pieces)] = 1
            first[row, : len(starts)] = torch.tensor(starts)
        device = self.encoder.device
        return {"ids": ids.to(device), "mask": mask.to(device), "first": first.to(device)}

    def forward(self, ids: Tensor, mask: Tensor, first: Tensor) -> Tensor:
        """Return (B, L, width)."""
        pieces = self.pieces(ids, mask)
        return pieces.gather(1, first[..., None].expand(-1, -1, pieces.shape[-1]))

    def pieces(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the vectors of word pieces, (B, T, width)."""
        vectors: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return vectors

    def description(self) -> dict[str, Any]:
        """Return nothing: configuration and tokenizer are files."""
        return {}

    def save(self, folder: Path) -> None:
        """Write these files: a model's folder needs no package to be opened."""
        self.encoder.config.to_json_file(folder / "config.json")
        self.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)

    def _ids(self, read: Read) -> tuple[list[int], list[int]]:
        """Return piece ids and the place of each word's first; what has no position left is given the last one."""
        ids = [self._start, *self.tokenizer.encode(read.category, add_special_tokens=False).ids, self._end]
        first = []
        for word in read.words:
            first.append(min(len(ids), self._most - 2))
            ids += self.tokenizer.encode(word.text, add_special_tokens=False).ids or [self._unknown]
        return [*ids[: self._most - 1], self._end], first


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
