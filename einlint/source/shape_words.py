"""The axes that a comment names, where it is a shape and cannot be taken for prose."""

import re
from keyword import iskeyword
from typing import Final

from einlint.algebra.equation import ELLIPSIS
from einlint.source.worded_axes import Axes

# These are compiled when the first comment is read: that takes longer than to read it.
_NAME: Final = r"[^\W\d]\w*"
_ATOM: Final = rf"(?:\d*{_NAME}(?:\.{_NAME})*'?|\d+)"
_OPERATOR: Final = r"\s*(?://?|[-+*^])\s*"
_PART: Final = rf"(?:{_ATOM}|\({_ATOM}(?:(?:{_OPERATOR}|\s+){_ATOM})*\))"
_OPEN: Final = r"(?:\.{2,3}|\u2026|\*)"
_AXIS: Final = rf"(?:{_OPEN}|{_PART}(?:{_OPERATOR}{_PART})*)"
_SHORT: Final = r"(?:\.{2,3}|[^\W\d_]|\d+)"
_LISTED: Final = rf"{_AXIS}(?:\s*,\s*{_AXIS})*(?:\s*,)?"
_SPACED: Final = rf"{_SHORT}(?:\s+{_SHORT})+"
_CROSSED: Final = rf"{_AXIS}(?:\s+[x\u00d7]\s+{_AXIS})+"
_INNER: Final = rf"(?:{_CROSSED}|{_SPACED}|{_LISTED})"
_SHAPE: Final = rf"(?:[\[(]\s*{_INNER}\s*[\])]|{_CROSSED})"
_BARE: Final = rf"(?:{_SPACED}|{_SHORT}(?:\s*,\s*{_SHORT})+)"

_ARROW: Final = re.compile(r"(?:->|=+>|\u2192)\s*")
# What may stand before an arrow: a shape, or a step in three words or more.
_BEFORE: Final = rf"(?:{_SHAPE}|{_BARE}|[\w-]+(?: [\w-]+){{2,}})?\s*"
_TOOLS: Final = re.compile(r"\s*#\s*(?:noqa|type:|einlint|pylint|fmt:|pragma)\b.*")
# A shape may be introduced by this very word, or by the name of the tensor.
_LEAD: Final = (
    r"(?:(?i:(?:(?:new|output|resulting|final)\s+)?shape(?:\s+is)?)(?:\s*[:=])?\s+"
    rf"|(?P<name>{_NAME})(?:(?:\.shape|\s+shape)?\s*[:=]|\s+(?:is|has shape|(?=[\[(])))\s*)"
)
_BEHIND: Final = r"(?P<behind>(?:\s+[-\u2013\u2014]\s|\s*;).*)?"
_ONE: Final = rf"(?:{_LEAD})??(?P<shape>{_SHAPE}){_BEHIND}"
_SEVERAL: Final = rf"{_SHAPE}(?:[\s,;]+{_SHAPE})+"
_LONGEST: Final = 120

_SHORT_OR_COMPUTED: Final = re.compile(r"\b\w\b|[*/+(]")
_PIECES: Final = re.compile(r"\d+|[^\W\d_]+")
# What names of axes are made of, where they are longer than a letter.
_OF_AXES: Final = frozenset(
    {
        *("atom", "atoms", "batch", "batches", "block", "blocks", "bs", "bsz", "bz", "channel"),
        *("channels", "chunk", "chunks", "class", "classes", "col", "cols", "columns", "depth"),
        *("dim", "dims", "dstate", "edges", "embed", "embedding", "experts", "feat", "feats"),
        *("feature", "features", "frames", "freqs", "group", "groups", "head", "heads"),
        *("height", "hidden", "hsz", "in", "inner", "kernel", "latent", "len", "length"),
        *("lengths", "level", "levels", "memory", "model", "nheads", "nodes", "num", "out"),
        *("patch", "patches", "points", "queries", "query", "rank", "rows", "samples", "seq"),
        *("seqlen", "sequence", "size", "steps", "time", "tokens", "vocab", "width"),
        *("window", "windows"),
    }
)
# Lists of these alone are coordinates as often as axes.
_COORDINATES: Final = frozenset("wxyz")


def shapes_in(comment: str, name: str) -> tuple[Axes, ...]:
    """The shapes that a comment beside the tensor `name` consists of: none as a rule."""
    *before, text = _ARROW.split(_without_marks(comment))
    if len(text) > _LONGEST or not all(re.fullmatch(_BEFORE, each) for each in before):
        return ()
    found = [_axes(each) for each in _texts(text, name)]
    return tuple(each for each in found if each is not None) if None not in found else ()


def _without_marks(comment: str) -> str:
    """The text without `#`, what follows for a tool, backquotes around it and a full stop."""
    text = _TOOLS.sub("", comment.lstrip("#")).strip(" \t`")
    return text if text.endswith("..") else text.removesuffix(".").rstrip("`")


def _texts(text: str, name: str) -> list[str]:
    """The parts of a text that have the form of a shape, if all of it has."""
    one = re.fullmatch(_ONE, text)
    if one is not None:
        is_clear = one["behind"] is None or _is_bracketed(one["shape"])
        return [one["shape"]] if is_clear and one["name"] in (None, name) else []
    if re.fullmatch(_SEVERAL, text):
        return re.findall(_SHAPE, text)
    return [text] if re.fullmatch(_BARE, text) else []


def _axes(text: str) -> Axes | None:
    """The axes of a text with the form of a shape; None where it may be something else."""
    is_inside, is_crossed = _is_bracketed(text), re.fullmatch(_CROSSED, text) is not None
    is_bare = not is_crossed and re.fullmatch(_BARE, text) is not None
    inner = text[1:-1].strip() if is_inside else text
    if not (is_inside or is_crossed or is_bare):
        return None  # `(m, n]` is an interval
    words = tuple(_plain(each) for each in _split(inner))
    if len(words) == 1 and not inner.endswith(",") and (text[0] == "(" or words[0].isdecimal()):
        return None  # `(a)` and `[1]` number things
    if (is_bare and words[0].isdecimal()) or (is_crossed and all(map(str.isdecimal, words))):
        return None  # so does `1 H`, and `2 x 2` may be a kernel
    return Axes(words, is_bare) if _are_axes(words) else None


def _is_bracketed(shape: str) -> bool:
    """Whether brackets stand around all of a text with the form of a shape."""
    is_pair = f"{shape[0]}{shape[-1]}" in ("()", "[]")
    return is_pair and re.fullmatch(_INNER, shape[1:-1].strip()) is not None


def _split(inner: str) -> list[str]:
    if re.fullmatch(_CROSSED, inner):
        return re.split(r"\s+[x\u00d7]\s+", inner)
    return inner.split() if re.fullmatch(_SPACED, inner) else inner.rstrip(" ,").split(",")


def _plain(word: str) -> str:
    return ELLIPSIS if re.fullmatch(_OPEN, word.strip()) else " ".join(word.split())


def _are_axes(words: tuple[str, ...]) -> bool:
    names = {each.lower() for each in words}
    is_clean = "0" not in names and not any(map(iskeyword, (*names, *words)))
    is_named = words.count(ELLIPSIS) <= 1 and names - _COORDINATES - {ELLIPSIS}
    return is_clean and bool(is_named) and any(map(_is_axis, words))


def _is_axis(word: str) -> bool:
    """Whether the word can hardly be anything but the name, or the size, of an axis."""
    pieces = {each.lower() for each in _PIECES.findall(word)}
    is_short = word == ELLIPSIS or word.isdecimal() or _SHORT_OR_COMPUTED.search(word)
    return bool(is_short or pieces & _OF_AXES)
