"""The permutations that end in an operand: what its own views do to the order of its axes."""

from collections.abc import Iterator
from typing import TypeAlias

from einlint.algebra.einops_pattern import pattern_of
from einlint.source.terms import TUPLE, Term

Order: TypeAlias = tuple[int, ...]
"""The arguments of `permute`; empty where they are not known."""


def own_permutations(term: Term, rank: int) -> tuple[Order, ...]:
    """The permutations that make an operand of so many axes, the last one first.

    `k.transpose(1, 2)` of four axes is `((0, 2, 1, 3),)`. Anything else ends the search: behind
    it the axes may be others.
    """
    return tuple(_permutations(term, rank))


def _permutations(term: Term, rank: int) -> Iterator[Order]:
    while term.operands:
        match term.operator:
            case "transpose" | "swapaxes" | "swapdims":
                yield _exchanged(term, rank)
            case "permute":
                yield _permuted(term, rank)
            case "rearrange":
                order = _rearranged(term)
                if order is None or order != tuple(sorted(order)):
                    yield order or ()
                return
            case _:
                return
        term = term.operands[0]


def _exchanged(term: Term, rank: int) -> Order:
    dims = [dim.integer for dim in term.operands[1:]]
    axes = list(range(rank))
    one, other = dims if len(dims) == 2 else (None, None)
    if one is None or other is None or not all(-rank <= dim < rank for dim in (one, other)):
        return ()
    axes[one], axes[other] = axes[other], axes[one]
    return tuple(axes)


def _permuted(term: Term, rank: int) -> Order:
    dims = term.operands[1:]
    if len(dims) == 1 and dims[0].operator == TUPLE:
        dims = dims[0].operands
    numbers = [dim.integer for dim in dims]
    return tuple(number % rank for number in numbers if number is not None) if rank else ()


def _rearranged(term: Term) -> Order | None:
    """Einops splits axes, permutes them, and joins them; joining ends what is a permutation."""
    text = term.operands[1].detail if len(term.operands) > 1 else None
    pattern = pattern_of(text) if isinstance(text, str) else None
    if pattern is None or any(len(group) != 1 for group in pattern.right):
        return ()
    parts = [name for group in pattern.left for name in group]
    kept = [name for (name,) in pattern.right]
    return tuple(map(parts.index, kept)) if sorted(parts) == sorted(kept) else None
