"""The permutations that end in an operand: what its own views do to the order of its axes."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from einlint.algebra.einops_pattern import pattern_of, permutation_of
from einlint.rewriting.sides import Order, Orders
from einlint.source.terms import APPLY, ATTRIBUTE, CALL, PRODUCT, SLICE, TUPLE, Term

# With more of them, a permutation is taken for one that is not known.
_MOST_BRANCHES: Final = 4
_TURNING: Final = frozenset({"movedim", "moveaxis", "adjoint", "H", "mH"})
_NOTHING: Final = frozenset(
    {"to", "type", "type_as", "float", "double", "half", "bfloat16", "cuda", "cpu", "dropout"}
    | {"detach", "clone", "contiguous", "expand", "requires_grad_"}
)
_LAYERS: Final = ("Identity", "Dropout")


def own_permutations(term: Term, rank: int) -> tuple[Orders, ...]:
    """The permutations that make an operand of so many axes, the last one first; by branches.

    `k.transpose(1, 2)` of four axes is `((0, 2, 1, 3),)`. What may leave a tensor as it is, such
    as `to`, is gone from a compiled graph, and is passed over. Anything else ends the search:
    behind it the axes may be others.
    """
    found = tuple(dict.fromkeys(_permutations(term, rank)))
    return found if len(found) <= _MOST_BRANCHES else (((),),)


def _permutations(term: Term, rank: int) -> Iterator[Orders]:
    """The permutations of every branch; branches of branches multiply, so they are cut off."""
    orders: list[Order] = []
    while term.operands and term.operator != "choice":
        order = _order(term, rank)
        if order is not None:
            orders.append(order)
        elif not _may_do_nothing(term):
            break
        term = term.operands[term.operator == APPLY]
    if term.operator == "choice":
        for branch in term.operands[1:]:
            for rest in islice(_permutations(branch, rank), _MOST_BRANCHES + 1):
                yield (*orders, *rest)
        return
    if term.operator == "rearrange":
        rearranged = _rearranged(term)
        if rearranged is None or rearranged != tuple(sorted(rearranged)):
            orders.append(rearranged or ())
    yield tuple(orders)


def _order(term: Term, rank: int) -> Order | None:
    """What one view does to the order of the axes; None if it is no permutation."""
    match term.operator:
        case "transpose" | "swapaxes" | "swapdims":
            return _exchanged(term, rank)
        case "permute":
            return _permuted(term, rank)
        case "rearrange":
            return permutation_of(_pattern(term))
    return () if _turns(term) else None


def _turns(term: Term) -> bool:
    """Whether it moves the axes in a way that is not looked at."""
    if term.operator in (CALL, ATTRIBUTE):
        name = str(term.detail).rpartition(".")[2]
        return name in _TURNING and (term.is_method or term.detail in (name, f"torch.{name}"))
    return term.operator == "t" or (term.operator == PRODUCT and len(term.operands) == 1)


def _may_do_nothing(term: Term) -> bool:
    match term.operator:
        case "item":
            return all(
                each.operator == SLICE or each.is_constant(...) for each in term.operands[1:]
            )
        case "apply":
            return str(term.operands[0].detail).endswith(_LAYERS)
        case "in_place":
            return term.detail == "requires_grad_"
    return term.operator in _NOTHING


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


def _pattern(term: Term) -> str:
    """The text of a pattern; empty where it is not known."""
    text = term.operands[1].detail if len(term.operands) > 1 else None
    return text if isinstance(text, str) else ""


def _rearranged(term: Term) -> Order | None:
    """Einops splits axes, permutes them, and joins them; joining ends what is a permutation."""
    pattern = pattern_of(_pattern(term))
    if pattern is None or any(len(group) != 1 for group in pattern.right):
        return ()
    parts = [name for group in pattern.left for name in group]
    kept = [name for (name,) in pattern.right]
    return tuple(map(parts.index, kept)) if sorted(parts) == sorted(kept) else None
