"""Words of the encoder's vocabulary: real ones, kept in a file, made anew where that is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.words import EncoderWords


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("tower", True), ("pelle", True), ("madera", True), ("camizeta", False), ("snekaer", False), ("", False)],
)
def test_real_words_are_known_and_typos_are_not(word: str, is_one: bool, tmp_path: Path) -> None:
    assert (word in EncoderWords(tmp_path)) is is_one


def test_the_file_is_read_again_and_a_damaged_one_made_anew(tmp_path: Path) -> None:
    assert "tower" in EncoderWords(tmp_path)
    (file,) = tmp_path.rglob("words-*")
    file.write_bytes(b"no trie")
    assert "tower" in EncoderWords(tmp_path)
    assert file.read_bytes() != b"no trie"


def test_words_are_read_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("a file where the folder should be")
    assert "tower" in EncoderWords(tmp_path)
