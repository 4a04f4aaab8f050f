"""Drops the upper layers of an encoder, which hold most of what was specific to its own training.

Sajjad et al., "On the Effect of Dropping Layers of Pre-trained Transformer Models" (Computer Speech & Language, 2023):
of the ways to choose, leaving out the top is the best or near it. What is left must be fine-tuned.
"""

from __future__ import annotations

from app.adapters.families.readers import EncoderReader
from app.adapters.families.tagging import Network
from app.domain.errors import InvalidFile


def cut_layers(network: Network, layers: int) -> None:
    """Leave the lowest ``layers`` layers; in place."""
    reader = network.reader
    if not isinstance(reader, EncoderReader):
        raise InvalidFile("only a pretrained encoder has layers to drop", field="layers")
    config = reader.encoder.config
    if layers > config.num_hidden_layers:
        raise InvalidFile(f"the encoder has {config.num_hidden_layers} layers, not {layers}", field="layers")
    reader.encoder.encoder.layer = reader.encoder.encoder.layer[:layers]
    config.num_hidden_layers = layers
