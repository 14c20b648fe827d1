"""Add instructions to results: of forward cases at the smallest sizes, as each takes minutes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod

from einlint.linting.pairing import Pair
from einlint.verify.instructions import instructions
from einlint.verify.measure import NoTimeError
from einlint.verify.operands import shapes_in
from einlint.verify.report import Measurement, Mode, Result


def with_instructions(
    pair: Pair, replacement: str, results: Sequence[Result], seconds_left: Callable[[], float]
) -> list[Result]:
    """The results; those that are counted, and for which there is time, with both counts."""
    forward = [each for each in results if each.case.mode is Mode.FORWARD and each.original]
    smallest = min((_products(each) for each in forward), default=0)
    chosen = [each for each in forward if _products(each) == smallest]
    return [
        _counted(pair, replacement, each, seconds_left) if each in chosen else each
        for each in results
    ]


def _products(result: Result) -> int:
    return prod(size for _, size in result.case.sizes)


def _counted(
    pair: Pair, replacement: str, result: Result, seconds_left: Callable[[], float]
) -> Result:
    shapes = shapes_in(pair.equation, result.case)
    try:
        before, after = (
            instructions(text, pair.names, shapes, result.case.dtype, seconds_left())
            for text in (pair.original, replacement)
        )
    except NoTimeError:
        return replace(result, note="instructions: no time was left to count them")
    except OSError as error:
        return replace(result, note=f"instructions: {' '.join(str(error).split())}")
    return replace(
        result,
        original=_with(result.original, before),
        replacement=_with(result.replacement, after),
    )


def _with(measured: Measurement | None, count: int) -> Measurement | None:
    return replace(measured, instructions=count) if measured else None
