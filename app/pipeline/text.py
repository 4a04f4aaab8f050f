"""Text that remembers where it came from.

Cleaning and folding change the length of a text; evidence must point into what the caller sent.
`MappedText` carries the source offsets of every character through both.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

_MARKS = re.compile(
    r"(?P<drop><!--.*?-->|<(?P<raw>script|style)\b[^>]*>.*?</(?P=raw)\s*>|</?[a-zA-Z!][^<>]{0,2000}>)"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});)"
    r"|(?P<link>\]\([^()\s]{1,500}\))"
    r"|(?P<markdown>\*\*|__|`+|!\[|^\#{1,6} )"
    r"|(?P<invisible>[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f])"
    r"|(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd])",
    re.DOTALL | re.MULTILINE,
)
_SUSPICIOUS = re.compile(
    r"[<&`\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f\ud800-\udfff\ufffd]|\*\*|__|\]\(|^#",
    re.M,
)
_HYPHENS = frozenset("-‐‑‒–—―_/\\|·・~〜")
_APOSTROPHES = frozenset("'’‘ʼ`´")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_KATAKANA = frozenset(map(chr, (*range(0x30A1, 0x30FB), 0x30FC, 0x3099, 0x309A)))


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text and, for each of its characters, the source span it stands for.

    ``starts`` and ``ends`` are None where text and source are the same, character by character.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the source span of ``text[start:end]`` (end exclusive, not empty)."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def cut(self, length: int) -> MappedText:
        """Return the first ``length`` characters."""
        if len(self.text) <= length:
            return self
        return MappedText(self.text[:length], self.starts and self.starts[:length], self.ends and self.ends[:length])


def clean(source: str) -> MappedText:
    """Return the text without HTML, Markdown marks, control and invisible characters.

    Entities are decoded. What is dropped leaves a blank where words would otherwise run together.
    """
    if not _SUSPICIOUS.search(source):
        return MappedText(source)
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def keep(piece: str, start: int, end: int | None = None) -> None:
        for offset, char in enumerate(piece):
            out.append(char)
            starts.append(start if end is not None else start + offset)
            ends.append(end if end is not None else start + offset + 1)

    done = 0
    for mark in _MARKS.finditer(source):
        keep(source[done : mark.start()], done)
        replacement = _replacement(mark)
        keep(replacement, mark.start(), mark.end())
        done = mark.end()
    keep(source[done:], done)
    return MappedText("".join(out), tuple(starts), tuple(ends))


def _replacement(mark: re.Match[str]) -> str:
    if mark["entity"]:
        decoded = html.unescape(mark["entity"])
        # "&bogus;" stays as it is; "&#0;" and the like must not bring back what cleaning removes
        return "".join(" " if _SUSPICIOUS.match(c) and c not in "<&`" else c for c in decoded)
    return " " if mark["drop"] or mark["control"] else ""


def fold(mapped: MappedText) -> MappedText:
    """Return the text for comparing: compatibility forms, case, diacritics, hyphens, blanks, Chinese variants folded.

    Idempotent: folding a folded text changes nothing.
    """
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    blank = True
    source_starts, source_ends = mapped.starts, mapped.ends
    for index, char in enumerate(mapped.text):
        start = index if source_starts is None else source_starts[index]
        end = index + 1 if source_ends is None else source_ends[index]
        for folded in _fold_char(char):
            if folded == " ":
                if blank:
                    continue
                blank = True
            else:
                blank = False
            out.append(folded)
            starts.append(start)
            ends.append(end)
    if out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    return MappedText("".join(out), tuple(starts), tuple(ends))


def fold_label(label: str) -> str:
    """Return a label folded, without offsets."""
    # the same as fold(), which keeps one blank of a run and none at the ends
    return " ".join(label.translate(_FOLDED).split())


@lru_cache(maxsize=20_000)
def _fold_char(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return " "  # half of a character, which nothing can encode
    out = []
    for part in unicodedata.normalize("NFKD", char).casefold():
        for piece in unicodedata.normalize("NFKD", part):
            if "\u0300" <= piece <= "\u036f":
                continue
            if piece.isspace() or piece in _HYPHENS:
                out.append(" ")
            elif piece in _APOSTROPHES:
                out.append("'")
            else:
                out.append(_simplify(piece) if "\u3400" <= piece <= "\u9fff" else piece)
    return "".join(out)


def fold_value(value: str) -> str:
    """Return a value or a label as values are compared: folded, without brackets, quotes, commas and closing marks.

    Hiragana, small and half-width kana are folded to katakana, and a dash after them is the long vowel.
    """
    if value.isascii() or not _KANA.search(value):
        return " ".join(value.translate(_COMPARED).split()).rstrip(" .")
    dashed = _DASH_AFTER_KANA.sub("\u30fc", value)
    return " ".join(dashed.translate(_COMPARED).split()).rstrip(" .").translate(_ONE_KANA)


class _Folded(dict[int, str]):
    """What each code point folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold_char(chr(code))
        return self[code]


_FOLDED = _Folded()
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9f]")
_DASH_AFTER_KANA = re.compile(
    r"(?<=[\u3041-\u30fa\uff66-\uff9d])(?:[\u2010-\u2015\u2212\u2500\uff0d-](?![\u30a1-\u30ff])|\u4e00(?![\u3400-\u9fff]))"
)
_LARGE = dict(zip(map(ord, "ァィゥェォッャュョヮ"), map(ord, "アイウエオツヤユヨワ"), strict=True))
_ONE_KANA = {code: _LARGE.get(code + 0x60, code + 0x60) for code in range(0x3041, 0x3097)} | _LARGE
_COMPARED = _Folded(dict.fromkeys(map(ord, '()[]{}<>,;:!?"“”„«»（），；：！？【】［］「」『』〈〉《》'), " "))
"""The same with the marks between values as blanks."""


@lru_cache(maxsize=1)
def _chinese_converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("jp2t"), OpenCC("t2s")


@lru_cache(maxsize=20_000)
def _simplify(char: str) -> str:
    """Return the simplified Chinese form of one character; Japanese forms (黒) fold to the same."""
    to_traditional, to_simplified = _chinese_converters()
    simplified = to_simplified.convert(to_traditional.convert(char))
    return simplified if len(simplified) == 1 else char


def is_cjk(text: str) -> bool:
    """Say whether a text holds Chinese or Japanese characters."""
    return _CJK.search(text) is not None


def is_word_char(char: str) -> bool:
    """Say whether a folded character belongs to a word of a script that puts blanks between words."""
    return char.isalnum() and not _CJK.match(char)


def bounded(text: str, start: int, end: int) -> bool:
    """Say whether ``text[start:end]`` (folded) stands as a word of its own.

    Spaced scripts need a boundary on both sides. Chinese and Japanese need none, but a katakana label of up to
    three characters must not be a piece of a longer katakana word.
    """
    first, last = text[start], text[end - 1]
    if is_word_char(first) and start > 0 and is_word_char(text[start - 1]):
        return False
    if is_word_char(last) and end < len(text) and is_word_char(text[end]):
        return False
    if end - start <= 3 and all(c in _KATAKANA for c in text[start:end]):
        return not (start > 0 and text[start - 1] in _KATAKANA) and not (end < len(text) and text[end] in _KATAKANA)
    return True


def words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each word of spaced scripts in a folded text."""
    start = None
    for index, char in enumerate(text):
        if is_word_char(char):
            start = index if start is None else start
        elif start is not None:
            yield start, index
            start = None
    if start is not None:
        yield start, len(text)


def width(text: str) -> int:
    """Return how much of a model's budget a text takes: 1 for a character, 3 for a Chinese or Japanese one."""
    return len(text) + 2 * len(_CJK.findall(text))


def cut_to_width(text: str, limit: int) -> str:
    """Return the longest prefix whose `width` is within the limit, cut at a blank where one is near."""
    if len(text) * 3 <= limit or width(text) <= limit:
        return text
    used = 0
    for index, char in enumerate(text):
        used += 3 if _CJK.match(char) else 1
        if used > limit:
            blank = text.rfind(" ", max(0, index - 30), index)
            return text[: blank if blank > 0 else index]
    return text
