"""The part of a text that decides about its attention: functions, and what they depend on.

All else is left out by its words alone and never parsed: in most files that hold a softmax and a
product, both stand in one short function. Where the words do not tell, there is no excerpt.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from einlint.source.attention.elsewhere import may_be_unsure, may_rebind
from einlint.source.attention.pieces import Piece, has_other_quotes, pieces_of
from einlint.source.facts.hand_written_attention import SOFTMAX, HandWrittenAttention
from einlint.source.finder import words_of

# Behind a decorator, at the same margin, stands what it decorates, or one decorator more.
_DECORATOR: Final = re.compile(
    r"^([ \t]*)@(?=[^\W\d][^\n@]*\n"
    r"(?:(?:\1[ \t)\]}#][^\n]*|[ \t]*)\n)*+\1(?:@|def\b|class\b|async\b))",
    re.MULTILINE,
)
_CLASS: Final = re.compile(r"class[ \t]+(\w+)")
_INNER_CLASS: Final = re.compile(r"\n[ \t]+class[ \t]")
# Its bases are in it, and maybe more.
_HEADER: Final = re.compile(r"class[ \t]+\w++(?:[^:]|:(?![ \t]*[#\r\n]))*+")
_WORD: Final = re.compile(r"\w+")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_LETTER: Final = re.compile(r"[A-Za-z_]")
_NAMED: Final = re.compile(r"from[ \t]+([\w.]+)[ \t]+import[ \t]+(\()?([\w,\s]+)(?(2)\))\s*\Z")
_IMPORT: Final = re.compile(r"(?:from\b[^\n]*?\b)?import\b")
_SIGN: Final = "@"
_EXPORTS: Final = "__all__"
# Whatever is read, it is needed.
_ALWAYS: Final = ""
# What the function that computes an attention may be called by.
_HOMES: Final = frozenset({"nn", "functional"})
# Of a larger text not all is read: what is read of a part may be more.
_LARGEST: Final = 300_000
# The text is searched for each.
_MOST_FUNCTIONS: Final = 50


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
    if _may_spell_otherwise(text) or has_other_quotes(text):
        return None
    softmaxes = [match.start() for match in re.finditer(SOFTMAX, text)]
    products = _places_of_products(text)
    words = sorted((*softmaxes, *products))
    pieces = list(pieces_of(text, lambda start, end: _is_in(words, start, end)))
    wanted = [
        each
        for each in _weighing(pieces, softmaxes, text)
        if _is_in(products, each.start, each.end) and _has_product(text[each.start : each.end])
    ]
    if not wanted:
        return Excerpt()
    if len(text) > _LARGEST or any(_has_class(each, text) for each in wanted):
        return None  # other classes, and other files, may set what a class holds
    # Of a larger part, reading all if need be costs more than the part spares.
    kept, names = _with_needed(wanted, pieces, text, most=len(text) // 2)
    if not kept:
        return None
    excerpt = _joined(kept, names, text)
    functions = [each.name for each in kept if each.defines == "def"]
    if len(functions) > _MOST_FUNCTIONS:
        return None
    called = [name for name in functions if excerpt.text.count(name) > 1]
    return None if may_rebind(text, names, called) else excerpt


def _may_spell_otherwise(text: str) -> bool:
    """Whether a name may be spelled with letters that Python reads as others."""
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return False
    found = (unicodedata.normalize("NFKC", each) for each in _FOREIGN.findall(text))
    return any(map(_LETTER.search, found))


def _places_of_products(text: str) -> list[int]:
    """Where a call of a product may be, or an `@`."""
    _, words = words_of(HandWrittenAttention)
    patterns = (word if word == _SIGN else rf"{word}\s*[()]" for word in words)
    return sorted(match.start() for each in patterns for match in re.finditer(each, text))


def _has_product(part: str) -> bool:
    """Whether a part with one of the words has a product; not if each `@` starts a decorator."""
    signs = part.count(_SIGN)
    if len(_places_of_products(part)) > signs:
        return True
    return signs > sum(1 for _ in _DECORATOR.finditer(part))


def _has_class(piece: Piece, text: str) -> bool:
    is_one = piece.defines == "class" or piece.is_mixed
    return is_one or _INNER_CLASS.search(text, piece.start, piece.end) is not None


def _is_in(places: Sequence[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


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
    wanted: list[Piece], pieces: list[Piece], text: str, most: int
) -> tuple[list[Piece], set[str]]:
    """What is wanted with all that binds, or changes, a name in it; and all these names.

    most: nothing if that is longer.
    """
    offered: dict[str, list[Piece]] = {}
    for each in pieces:
        for name in _offers(each, text):
            offered.setdefault(name, []).append(each)
    kept = dict.fromkeys((*wanted, *offered.pop(_ALWAYS, ())))
    names: set[str] = set()
    seen, pending = {*wanted}, [*wanted]
    while pending:
        piece = pending.pop()
        most -= piece.end - piece.start
        if most < 0:
            return [], set()
        for name in {*_WORD.findall(text, piece.start, piece.end)} - names:
            names.add(name)
            more = [each for each in offered.pop(name, ()) if each not in seen]
            seen.update(more)
            kept |= dict.fromkeys(more)
            pending += [each for each in more if _has_more(each, text)]
    return sorted(kept, key=lambda each: each.start), names


def _has_more(piece: Piece, text: str) -> bool:
    """Whether more than the name of what it binds is known of a piece."""
    if piece.is_mixed or piece.defines:
        return piece.is_mixed or piece.defines == "def"
    is_import = _IMPORT.match(text, piece.start, piece.end) is not None
    return not is_import or text.find(";", piece.start, piece.end) >= 0


def _offers(piece: Piece, text: str) -> Iterable[str]:
    """The names by which a piece is needed."""
    if piece.defines and not piece.is_mixed:
        return (piece.name,)
    part = text[piece.start : piece.end]
    if part.startswith(_EXPORTS):
        return (_EXPORTS,)  # strings, which bind nothing
    importing = _IMPORT.match(text, piece.start, piece.end)
    start = piece.start if importing is None else importing.end()
    # A call may be written with any name of torch, and a star may bring any name.
    is_always = "import" in part and ("torch" in part or "import *" in part)
    return (*_WORD.findall(text, start, piece.end), *([_ALWAYS] if is_always else []))


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
