"""The sizes of an attention in a trace: those of its two einsum calls that fit each other.

A trace has the times of the products and nothing else of an attention. So its cases say nothing of
the time that the program would save.
"""

from collections.abc import Iterator, Sequence

from einlint.algebra.equation import ELLIPSIS
from einlint.source.sdpa.one_call.alone import Alone, Product
from einlint.trace.store import Row
from einlint.verify.case import Occurrence
from einlint.verify.recorded import UnmeasurableError, merge_occurrences, occurrences

_Sized = tuple[dict[str, int], Occurrence]


def attention_occurrences(
    attention: Alone, rows: Sequence[Sequence[Row]], device: str
) -> tuple[Occurrence, ...]:
    """The recorded calls of both products, as sizes of the whole; most expensive first.

    Args:
        attention: the attention.
        rows: those of the call that computes the scores, and of the one that takes the values.
        device: the type of device that they must be recorded on.

    Raises:
        UnmeasurableError: there are none; the message says why.
    """
    if len(rows) < 2:
        raise UnmeasurableError("a trace has einsum calls only, and one of its products is none")
    scores, values = (
        list(_sized(product, each, device))
        for product, each in zip(attention.calls, rows, strict=True)
    )
    found = [
        Occurrence(
            tuple((label, {**one, **other}[label]) for label in attention.axes.labels),
            None,
            first.dtype,
            first.recorded,
        )
        for one, first in scores
        for other, second in values
        if first.dtype == second.dtype and _fit(one, other)
    ]
    if not found:
        raise UnmeasurableError("the recorded sizes of its two products do not fit each other")
    return merge_occurrences(found)


def _sized(product: Product, rows: Sequence[Row], device: str) -> Iterator[_Sized]:
    letters = dict(product.letters)
    if ELLIPSIS in product.equation.labels:
        raise UnmeasurableError("an ellipsis does not say what is a head")
    for each in occurrences(product.equation, rows, device).require():
        if each.shapes is None:
            yield {letters[label]: size for label, size in each.sizes}, each


def _fit(one: dict[str, int], other: dict[str, int]) -> bool:
    return all(size == other.get(label, size) for label, size in one.items())
