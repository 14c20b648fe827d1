"""The part of a text that decides about its attention: functions, and what they depend on.

All else is left out by its words alone and never parsed: in most files that hold a softmax and a
product, both stand in one short function. Where the words do not tell, there is no excerpt.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from einlint.source.attention.elsewhere import may_be_unsure, may_rebind
from einlint.source.attention.pieces import Piece, pieces_of
from einlint.source.facts.hand_written_attention import SOFTMAX, HandWrittenAttention
from einlint.source.finder import words_of

# Behind a decorator, at the same margin, stands what it decorates, or one decorator more.
_DECORATOR: Final = re.compile(
    r"^([ \t]*)@(?=[^\W\d][^\n@]*\n"
    r"(?:(?:\1[ \t)\]}#][^\n]*|[ \t]*)\n)*+\1(?:@|def\b|class\b|async\b))",
    re.MULTILINE,
)
_CLASS: Final = re.compile(r"class[ \t]+(\w+)")
# Its bases are in it, and maybe more.
_HEADER: Final = re.compile(r"class[ \t]+\w++(?:[^:]|:(?![ \t]*[#\r\n]))*+")
_WORD: Final = re.compile(r"\w+")
_NAMED: Final = re.compile(r"from[ \t]+([\w.]+)[ \t]+import[ \t]+(\()?([\w,\s]+)(?(2)\))\s*\Z")
_IMPORT: Final = re.compile(r"(?:from\b[^\n]*?\b)?import\b")
# What the function that computes an attention may be called by.
_HOMES: Final = frozenset({"nn", "functional"})
# Of a larger text not all is read: what is read of a part may be more.
_LARGEST: Final = 300_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text, as a text of its own; empty if nothing in the text decides.

    places: where its pieces start, in the excerpt and in the whole.
    is_unsure: the rest of the text may change what is known of shapes.
    """

    text: str = ""
    places: tuple[tuple[int, int], ...] = ()
    is_unsure: bool = False

    def moved(self, offset: int) -> int:
        """The place in the whole text of one in the excerpt."""
        at = bisect_right(self.places, offset, key=lambda place: place[0]) - 1
        inside, outside = self.places[at]
        return outside + offset - inside


def excerpt_of(text: str) -> Excerpt | None:
    """What decides about the attention of a text that calls no einsum; None if all of it may."""
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        return None  # a name may be spelled in several ways
    softmaxes = list(_places(text, SOFTMAX))
    _, names = words_of(HandWrittenAttention)
    products = sorted(at for word in names for at in _places(text, word))
    words = sorted((*softmaxes, *products))
    pieces = list(pieces_of(text, lambda start, end: _is_in(words, start, end)))
    wanted = [
        each
        for each in _weighing(pieces, softmaxes, text)
        if _is_in(products, each.start, each.end)
        and _has_product(text[each.start : each.end], names)
    ]
    if not wanted:
        return Excerpt()
    if len(text) > _LARGEST or any(_CLASS.search(text, each.start, each.end) for each in wanted):
        return None  # other classes, and other files, may set what a class holds
    kept, needed = _with_needed(wanted, pieces, text)
    excerpt = _joined(kept, needed, text)
    functions = (each.name for each in kept if each.defines == "def")
    if 2 * len(excerpt.text) > len(text):
        return None
    called = [name for name in functions if excerpt.text.count(name) > 1]
    return None if may_rebind(text, needed, called) else excerpt


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _is_in(places: Sequence[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def _has_product(part: str, words: Iterable[str]) -> bool:
    """Whether a part with one of the words has a product; not if each `@` starts a decorator."""
    if any(word in part for word in words if word != "@"):
        return True
    return part.count("@") > sum(1 for _ in _DECORATOR.finditer(part))


def _weighing(pieces: list[Piece], softmaxes: Sequence[int], text: str) -> list[Piece]:
    """The pieces with a softmax, and the classes that are derived from a class in one of them."""
    found = {each: None for each in pieces if _is_in(softmaxes, each.start, each.end)}
    names = _names_of_classes(found, text)
    if not names:
        return list(found)
    derived: dict[str, list[Piece]] = {}
    for each in pieces:
        if each not in found:
            headers = _HEADER.findall(text, each.start, each.end)
            for name in {name for header in headers for name in _WORD.findall(header)}:
                derived.setdefault(name, []).append(each)
    while names:
        more = dict.fromkeys(each for name in names for each in derived.pop(name, ()))
        found |= more
        names = _names_of_classes(more, text)
    return list(found)


def _names_of_classes(pieces: Iterable[Piece], text: str) -> list[str]:
    return [name for each in pieces for name in _CLASS.findall(text, each.start, each.end)]


def _with_needed(
    wanted: list[Piece], pieces: list[Piece], text: str
) -> tuple[list[Piece], set[str]]:
    """What is wanted with all that binds, or changes, a name in it; and all these names."""
    offered: dict[str, list[Piece]] = {}
    kept = dict.fromkeys(wanted)
    for each in pieces:
        if each not in kept:
            for name in _offers(each, text):
                offered.setdefault(name, []).append(each)
    names: set[str] = set()
    pending = [*wanted]
    for each in offered.pop("", ()):
        kept[each] = None
    while pending:
        piece = pending.pop()
        for name in _WORD.findall(text, piece.start, piece.end):
            if name in names:
                continue
            names.add(name)
            for each in offered.pop(name, ()):
                if each not in kept:
                    kept[each] = None
                    # Of a class, or an import, nothing is known but its name.
                    if each.is_mixed or not (each.defines == "class" or _is_import(each, text)):
                        pending.append(each)
    return sorted(kept, key=lambda each: each.start), names


def _is_import(piece: Piece, text: str) -> bool:
    is_one = _IMPORT.match(text, piece.start, piece.end) is not None
    return is_one and text.find(";", piece.start, piece.end) < 0


def _offers(piece: Piece, text: str) -> Iterable[str]:
    """The names by which a piece is needed; the empty one if it always is."""
    if piece.defines and not piece.is_mixed:
        return (piece.name,)
    importing = _IMPORT.match(text, piece.start, piece.end)
    start = piece.start if importing is None else importing.end()
    part = text[piece.start : piece.end]
    # A call may be written with any name of torch, and a star may bring any name.
    is_always = "import" in part and ("torch" in part or "import *" in part)
    return (*_WORD.findall(text, start, piece.end), *([""] if is_always else []))


def _joined(pieces: list[Piece], names: set[str], text: str) -> Excerpt:
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    length = 0
    for each in pieces:
        if each.defines == "class" and not each.is_mixed:
            part = f"class {each.name}: pass"
        else:
            part = _needed(_trimmed(text[each.start : each.end]), names)
        if not part:
            continue
        places.append((length, each.start))
        parts += (part, "\n")
        length += len(part) + 1
    return Excerpt("".join(parts), tuple(places), may_be_unsure(text))


def _needed(part: str, names: set[str]) -> str:
    """A piece; of an import, only what is needed, so that the excerpts of many files are one."""
    found = _NAMED.match(part)
    if found is None:
        return part
    module, _, listed = found.groups()
    needed = [
        alias
        for alias in map(str.strip, listed.split(","))
        if alias.rpartition(" ")[2] in names
        or (module.startswith("torch") and alias.partition(" ")[0] in _HOMES)
    ]
    return f"from {module} import {', '.join(needed)}" if needed else ""


def _trimmed(part: str) -> str:
    """A piece without the comments behind it."""
    part = part.rstrip()
    while (at := part.rfind("\n")) >= 0 and part.startswith("#", at + 1):
        part = part[:at].rstrip()
    return part
