"""The shapes of tensors that are made from sizes, or from numbers in lists."""

from einlint.algebra.sizes import Shape
from einlint.source.signatures import CallArguments
from einlint.source.terms import STARRED, TUPLE, Term


def made(call: CallArguments) -> Shape | None:
    """Sizes as arguments or as one tuple: randn and its like."""
    shape = None if {"size", "out"} & {*call.term.names} else call.sizes()
    return None if shape is None or any(axis.size == -1 for axis in shape) else shape


def eye(call: CallArguments) -> Shape | None:
    """One size or two."""
    given = call.term.positional
    if len(given) not in {1, 2} or "m" in call.term.names:
        return None
    if not all(map(call.shapes.is_int, given)):
        return None
    return call.sizes_in(given * 2 if len(given) == 1 else given)


def arange(call: CallArguments) -> Shape:
    """One axis, of a known size if it starts at 0."""
    given = call.term.positional
    has_end = any(each in {"end", "step"} for each in call.term.names)
    if len(given) == 1 and not has_end and call.shapes.is_int(given[0]):
        number = call.shapes.number(given[0])
        if number is not None and (number.constant or 0) >= 0:
            return (call.axis(number),)
    return (call.unknown(),)


def literal(call: CallArguments) -> Shape | None:
    """`torch.tensor` of numbers in lists, as deep and as long as these are."""
    return None if call.input is None else _nested(call.input, call)


def _nested(term: Term, call: CallArguments) -> Shape | None:
    if term.operator != TUPLE:
        return () if call.shapes.is_number(term) else None
    inner = [None if each.operator == STARRED else _nested(each, call) for each in term.operands]
    first = inner[0] if inner else ()
    if first is None or any(
        each is None or [axis.size for axis in each] != [axis.size for axis in first]
        for each in inner
    ):
        return None
    return (call.axis(len(inner)), *first)
