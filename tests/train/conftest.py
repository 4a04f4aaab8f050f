"""Small random models of both kinds, written to disk as a trainer would."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # read when transformers is imported: no test may ask a hub

if find_spec("torch") is None or find_spec("outlines") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def causal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of 2 layers with a byte-level tokenizer."""
    from tests.train.tiny import save_causal

    return save_causal(tmp_path_factory.mktemp("causal"))


@pytest.fixture(scope="session")
def seq2seq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A T5 of 2 + 2 layers with a unigram tokenizer that puts a blank before every text."""
    from tests.train.tiny import save_seq2seq

    return save_seq2seq(tmp_path_factory.mktemp("seq2seq"))
