"""Masks that are causal: lower triangles of ones, as long as the query and the key."""

import math
from typing import Final

from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.sizes import Axis
from einlint.source.sdpa.matching import KEY, QUERY, Matched, Operand
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import name_of_step
from einlint.source.sdpa.values import is_low, value_of
from einlint.source.sdpa.windows import is_same
from einlint.source.terms import CONSTANT, ITEM, OPAQUE, SLICE, Term

_MOST_STEPS: Final = 8
# What leaves a mask as it is, but for its dtype and axes of size 1 in front.
_SAME: Final = frozenset({"bool", "to", "type", "unsqueeze", "contiguous", "byte", "cuda"})


def is_causal(matched: Matched, parts: Parts, read: Read) -> bool:
    """Whether the one mask keeps the keys that stand not behind the query, and nothing else.

    Torch aligns the triangle at the first query and the first key. So both must be equally many.
    """
    if len(parts.masks) != 1 or parts.masks[0].done.tests:
        return False
    (mask,) = parts.masks
    if mask.window is not None or mask.turn or mask.is_called or mask.is_subtracted or mask.scales:
        return False
    ones = _low(mask.term) if mask.keeps is None else _ones(mask.term, keeps=mask.keeps)
    if ones is None:
        return False
    cut = None if mask.keeps is None else _cut(mask.term)
    if cut is not None and not (len(ones.positional) == 2 and is_same(*ones.positional)):
        return False  # the corner of no square
    # As many ones as it is cut to: if there were fewer, the mask would not fit.
    shape = _shape(ones if cut is None else Term("ones", (cut, cut)), read, matched)
    axes = (_axis(matched.query, QUERY, read), _axis(matched.key, KEY, read))
    sizes = {each.size for each in (*shape, *axes) if each is not None}
    return len(shape) == 2 and None not in axes and len(sizes) == 1 and None not in sizes


def _ones(term: Term, *, keeps: bool) -> Term | None:
    """The matrix of ones that a causal mask is made of."""
    for _ in range(_MOST_STEPS):
        name = name_of_step(term)
        if name in ("bitwise_not", "logical_not"):
            keeps = not keeps
        elif term.operator == OPAQUE and term.detail in ("Eq", "NotEq"):
            other = term.operands[1]
            if other.operator != CONSTANT or other.detail not in (0, 1):
                return None
            keeps = keeps is ((term.detail == "Eq") is bool(other.detail))
        elif name in ("tril", "triu"):
            return _triangle(term, name, keeps=keeps)
        elif name not in _SAME and not _is_widened(term) and not _is_viewed(term):
            return None
        term = term.operands[0]
    return None


def _is_widened(term: Term) -> bool:
    """Whether it is `mask[None, :, :]`: axes of size 1 in front, of the others all or a corner."""
    if term.operator != ITEM:
        return False
    return _corner(term) is not None or all(map(_is_whole, term.operands[1:]))


def _is_whole(index: Term) -> bool:
    is_all = index.operator == SLICE and bool(index.detail)
    return is_all or index.is_constant(None) or index.is_constant(...)


def _corner(term: Term) -> Term | None:
    """The `n` of `mask[:, :, :n, :n]`."""
    match term.operands[1:]:
        case [*rest, one, other] if all(map(_is_whole, rest)):
            parts = one.operands, other.operands
            if one.operator == other.operator == SLICE and all(len(each) == 2 for each in parts):
                is_one = one.operands[1] is other.operands[1]
                is_front = all(each[0].is_constant(None) for each in parts)
                return one.operands[1] if is_one and is_front else None
    return None


def _cut(term: Term) -> Term | None:
    """What a square of ones is cut to; None if it is not cut."""
    for _ in range(_MOST_STEPS):
        if term.operator == ITEM and _corner(term) is not None:
            return _corner(term)
        if not term.operands:
            break
        term = term.operands[0]
    return None


def _is_viewed(term: Term) -> bool:
    """Whether it is `ones.tril().view(1, 1, n, n)` of ones that are n by n."""
    if term.operator not in ("view", "reshape") or len(term.operands) < 4:
        return False
    *front, one, other = term.operands[1:]
    below = term.operands[0]
    sizes = below.operands[0].positional if below.operands else ()
    is_square = below.operator in ("tril", "triu") and len(sizes) == 2
    is_square = is_square and is_same(one, sizes[0]) and is_same(other, sizes[1])
    return is_square and all(each.is_constant(1) for each in front)


def _triangle(term: Term, name: str, *, keeps: bool) -> Term | None:
    given = term.keywords.get("diagonal") or next(iter(term.positional[1:]), None)
    diagonal = 0 if given is None else given.integer
    is_fitting = (name, diagonal, keeps) in (("tril", 0, True), ("triu", 1, False))
    return _all_ones(term.operands[0]) if is_fitting else None


def _all_ones(term: Term) -> Term | None:
    """The ones that a matrix is made of; those of `q.new_ones` as others."""
    for _ in range(_MOST_STEPS):
        name = name_of_step(term)
        if name == "ones":
            return term
        if name == "new_ones":
            return Term("ones", term.positional[1:], line=term.line)
        if name not in _SAME - {"unsqueeze"}:
            return None
        term = term.operands[0]
    return None


def _low(term: Term) -> Term | None:
    """The matrix, as one of ones, whose upper triangle is low and is added to the scores."""
    for _ in range(_MOST_STEPS):
        name = name_of_step(term)
        if name == "mul":
            # Of zeros infinity makes no zeros.
            rest = [each for each in term.operands if not is_low(each)]
            if any(value_of(each) == -math.inf for each in term.operands):
                return None
            return _ones(rest[0], keeps=False) if len(rest) == 1 else None
        if name == "masked_fill" and len(term.positional) == 3:
            zeros, mask, low = term.operands
            is_zero = name_of_step(zeros) in ("zeros", "new_zeros") and is_low(low)
            return _ones(mask, keeps=False) if is_zero else None
        if name == "triu":
            return _triangle_of_low(term)
        if name not in _SAME - {"bool"} and not _is_widened(term):
            return None
        term = term.operands[0]
    return None


def _triangle_of_low(term: Term) -> Term | None:
    """The same of `torch.full((n, n), -math.inf).triu(1)`."""
    given = term.keywords.get("diagonal") or next(iter(term.positional[1:]), None)
    below = term.operands[0]
    if given is None or given.integer != 1:
        return None
    for _ in range(_MOST_STEPS):
        match name_of_step(below), below.positional:
            case "full", [size, low] if is_low(low):
                return Term("ones", (size,), line=below.line)
            case "new_full", [_, size, low] if is_low(low):
                return Term("ones", (size,), line=below.line)
            case "mul", [one, other] if is_low(one) or is_low(other):
                return _all_ones(other if is_low(one) else one)
            case name, [first, *_] if name in _SAME - {"bool", "byte", "unsqueeze"}:
                below = first
            case _:
                return None
    return None


def _shape(term: Term, read: Read, matched: Matched) -> tuple[Axis, ...]:
    place = read.recorder.places[matched.product]
    return read.file.shape(term, place.knowledge) or ()


def _axis(operand: Operand, label: str, read: Read) -> Axis | None:
    place = read.recorder.places.get(operand.product)
    shape = None if place is None else read.file.shape(operand.term, place.knowledge)
    if shape is None or label not in operand.labels:
        return None
    at = operand.labels.index(label)
    if ELLIPSIS in operand.labels[:at]:
        at -= len(operand.labels)
    return shape[at] if -len(shape) <= at < len(shape) else None
