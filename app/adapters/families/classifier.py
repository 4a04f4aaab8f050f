"""The network of family `encoder`: the mean of an encoder's word pieces, then one logit per label."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagging import Read


class Classifier(nn.Module):  # type: ignore[misc]
    """Listings to logits (B, labels)."""

    def __init__(self, reader: EncoderReader, labels: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.reader = reader
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(reader.width, 2 * reader.width)
        self.out = nn.Linear(2 * reader.width, labels)
        nn.init.constant_(self.out.bias, -4.0)  # a label is seldom right: training need not learn that first

    def forward(self, batch: Sequence[Read]) -> Tensor:
        """Read a batch."""
        encoded = self.reader.encode(batch)
        pieces = self.reader.pieces(encoded["ids"], encoded["mask"])
        mask = encoded["mask"][..., None].to(pieces.dtype)
        mean = (pieces * mask).sum(1) / mask.sum(1)
        logits: Tensor = self.out(self.dropout(self.hidden(self.dropout(mean)).relu()))
        return logits
