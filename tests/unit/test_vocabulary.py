"""The vocabulary of a base is cut to what the shop's languages need; what is left is spelled as before."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from app.adapters.engines import vocabulary
from app.adapters.engines.vocabulary import cut_vocabulary, kept_tokens

CONTROL, NORMAL, USER, BYTE = 3, 1, 4, 6


def write(path: Path, tokens: list[tuple[str, int]], *, tokenizer: str = "llama") -> np.ndarray:
    """Write a GGUF file with these (token, type) and a row of the embedding for each; return the rows."""
    rows = np.random.default_rng(1).normal(size=(len(tokens), 32)).astype(np.float16)
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_block_count(1)
    writer.add_tokenizer_model(tokenizer)
    writer.add_token_list([token for token, _ in tokens])
    writer.add_token_types([kind for _, kind in tokens])
    writer.add_token_scores([-float(n) for n in range(len(tokens))])
    writer.add_eos_token_id(next(n for n, (token, _) in enumerate(tokens) if token == "<eos>"))
    writer.add_tensor("token_embd.weight", rows)
    writer.add_tensor("output_norm.weight", np.ones(32, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return rows


@pytest.mark.parametrize(
    ("token", "kind", "kept"),
    [
        ("<eos>", CONTROL, True),
        ("<unused7>", CONTROL, False),
        ("<0xE2>", BYTE, True),
        ("\n\n", USER, True),
        ("▁Baumwoll", NORMAL, True),
        ("▁größe", NORMAL, True),
        ("连衣裙", NORMAL, True),
        ("ワンピース", NORMAL, True),
        ("T恤", NORMAL, True),
        ("100", NORMAL, True),
        ("▁платье", NORMAL, False),
        ("สีแดง", NORMAL, False),
        ("ж", NORMAL, True),  # a single letter saves two bytes
        ("원", NORMAL, True),
    ],
)
def test_tokens_of_the_shop_s_scripts_and_single_letters_stay(token: str, kind: int, kept: bool) -> None:
    assert list(kept_tokens([token], [kind])) == ([0] if kept else [])


def test_rare_tokens_go_except_east_asian_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "LATIN_TOKENS", 2)
    tokens = ["▁the", "▁shirt", "▁sesquipedalian", "裙子", "丈夫"]
    assert list(kept_tokens(tokens, [NORMAL] * 5)) == [0, 1, 3, 4]


def test_rows_scores_and_special_ids_follow_their_tokens(tmp_path: Path) -> None:
    tokens = [("<unused0>", CONTROL), ("привет", NORMAL), ("<eos>", CONTROL), ("robe", NORMAL), ("裙", NORMAL)]
    rows = write(tmp_path / "base.gguf", tokens)
    cut_vocabulary(tmp_path / "base.gguf", tmp_path / "cut.gguf")
    reader = gguf.GGUFReader(tmp_path / "cut.gguf")
    assert reader.fields["tokenizer.ggml.tokens"].contents() == ["<eos>", "robe", "裙"]
    assert reader.fields["tokenizer.ggml.scores"].contents() == [-2.0, -3.0, -4.0]
    assert reader.fields["tokenizer.ggml.eos_token_id"].contents() == 0
    tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    assert np.array_equal(tensors["token_embd.weight"], rows[2:])
    assert np.array_equal(tensors["output_norm.weight"], np.ones(32))


def test_a_base_that_cannot_spell_by_bytes_stays_whole(tmp_path: Path) -> None:
    write(tmp_path / "base.gguf", [("<eos>", CONTROL), ("привет", NORMAL)], tokenizer="gpt2")
    cut_vocabulary(tmp_path / "base.gguf", tmp_path / "cut.gguf")
    assert (tmp_path / "cut.gguf").read_bytes() == (tmp_path / "base.gguf").read_bytes()
