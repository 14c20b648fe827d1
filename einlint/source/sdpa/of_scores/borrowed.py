"""What asks scores for their device or dtype, and may ask query or key as well."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import VIEWS
from einlint.source.sdpa.values import is_number
from einlint.source.terms import CHOICE, ITEM, PRODUCT, Term

_MOST_STEPS: Final = 40
_MOST_NAMES: Final = 300
_ATTRIBUTES: Final = frozenset({"device", "dtype", "is_cuda"})
_MAKING: Final = frozenset({"new_zeros", "new_ones", "new_full", "new_tensor", "get_device"})
_CASTING: Final = frozenset({"to", "type_as"})
_ON_DEVICE: Final = frozenset({"device", "is_cuda", "get_device"})
# What has the device and the dtype of its first operand, whatever the others are.
_FILLING: Final = frozenset({"masked_fill", "contiguous", "clone", "augmented", IN_PLACE, *VIEWS})
# The same if the others are numbers.
_SCALING: Final = frozenset({"mul", "div"})
# The same if what masks scores has their dtype, as one call demands too.
_ADDING: Final = frozenset({"add", "sub"})
# What has the device of its operands.
_COMPUTING: Final = frozenset({*_SCALING, *_ADDING, "float", "softmax", "where"})
_ALIKE: Final = frozenset({"contiguous", "repeat", "expand", "unsqueeze", *VIEWS})


@dataclass(frozen=True, slots=True)
class Lent:
    """What is asked instead of scores.

    of: the name of the scores. term: what is asked, by this name.
    """

    of: ast.Name
    scores: Term
    term: Term
    name: str


def _asking(node: ast.expr) -> tuple[ast.Name, bool] | None:
    """The name whose dtype or device is asked for, and whether it is the device alone."""
    match node:
        case ast.Attribute(value=ast.Name() as name, attr=asked) if asked in _ATTRIBUTES:
            return name, asked in _ON_DEVICE
        case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr=asked)) if asked in _MAKING:
            return name, asked in _ON_DEVICE
        case ast.Call(
            func=ast.Attribute(value=owner, attr=asked), args=[ast.Name() as name], keywords=[]
        ) if asked in _CASTING:
            others = (each for each in ast.walk(owner) if isinstance(each, ast.Name))
            return (name, False) if all(each.id != name.id for each in others) else None
    return None


def lender_of(node: ast.expr, names: Mapping[str, Term], *, is_here: bool) -> Lent | None:
    """What an expression may ask instead of scores; None if it asks for no device or dtype.

    is_here: it is written in the function itself, so that a name must stand for that.
    """
    found = _asking(node)
    if found is None:
        return None
    of, is_device = found
    below = lender_by_name(of.id, names, is_device=is_device)
    if below is None and not is_here and of.id in names:
        product = _product_below(names[of.id], is_device=is_device)
        below = None if product is None else (product.operands[0], "")
    return None if below is None else Lent(of, names[of.id], *below)


def lender_by_name(
    of: str, names: Mapping[str, Term], *, is_device: bool
) -> tuple[Term, str] | None:
    """What may be asked instead of the scores that a name stands for, and the name of that."""
    scores = names.get(of)
    if scores is None or len(names) > _MOST_NAMES:
        return None
    product = _product_below(scores, is_device=is_device)
    if product is None:
        return None
    by_term = {term: name for name, term in names.items() if "." not in name}
    for operand in product.operands:
        for term in made_of(operand):
            if term in by_term:
                return term, by_term[term]
    return None


def _product_below(scores: Term, *, is_device: bool) -> Term | None:
    """The product that scores are; None if it is not seen, or may have another dtype."""
    found: set[Term] = set()
    pending = [scores]
    for _ in range(_MOST_STEPS):
        if not pending:
            break
        term = pending.pop()
        if term.operator == PRODUCT:
            found.add(term)
        elif term.operator == CHOICE:
            pending += term.operands[1:]
        elif term.operator in _FILLING:
            pending += term.operands[:1]
        elif term.operator in (_COMPUTING if is_device else _ADDING | _SCALING):
            others = [each for each in term.operands if not is_number(each)]
            is_one = len(others) == 1 or term.operator in _ADDING
            if not others or not (is_one or is_device):
                return None
            pending.append(others[0])
        else:
            return None
    return found.pop() if len(found) == 1 and not pending else None


def made_of(operand: Term) -> Iterator[Term]:
    """An operand, and what it is a view or a multiple of."""
    for _ in range(_MOST_STEPS):
        yield operand
        is_scaled = operand.operator in _SCALING and all(map(is_number, operand.operands[1:]))
        if not operand.operands or not (is_scaled or operand.operator in _ALIKE):
            break
        operand = operand.operands[0]


def of_one_dtype(query: Term, key: Term, value: Term) -> Iterator[Term]:
    """Query and key, and the value if it is a part of what one of them is a part of."""
    yield from made_of(query)
    yield from made_of(key)
    whole = _whole(value)
    if whole is not value and whole in (_whole(query), _whole(key)):
        yield from made_of(value)


def _whole(term: Term) -> Term:
    """What a value was taken out of, as by `q, k, v = qkv.unbind(2)`."""
    *_, last = made_of(term)
    return last.operands[0] if last.operator == ITEM and last.operands else term
