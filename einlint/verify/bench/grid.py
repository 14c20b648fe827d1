"""The sizes to measure an equation at: one index over a range, or all of them together."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.roles import index_roles, role_of
from einlint.verify.case import Sizes
from einlint.verify.case_sizes import PRESETS

_SWEEP: Final = re.compile(r"(\.\.\.|[A-Za-z]+)=0*([1-9][0-9]{0,17})\.\.0*([1-9][0-9]{0,17})(.*)")
_COUNT: Final = re.compile(r":0*([1-9][0-9]{0,2})")
_FACTOR: Final = 4
_FORM: Final = "INDEX=FROM..TO, as in k=16..4096, or INDEX=FROM..TO:COUNT"

# Without --sweep: so many powers of 4, as far as tensors and products are not huge.
_POWERS: Final = 5
_MOST_ELEMENTS: Final = 2**24
_MOST_PRODUCTS: Final = 2**31

# The sizes of indices that are neither swept nor given.
_PRESET: Final = "small"


class SweepError(ValueError):
    """A sweep that cannot be made; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Indices that take one size after another, together."""

    labels: Subscripts
    sizes: tuple[int, ...]


def sweep_named(text: str) -> Sweep:
    """The sweep of a text: `k=16..4096` in powers of 4, `qk=16..4096:9` in 9 equal factors.

    The last size is always the one that is given, and no size comes twice.

    Raises:
        SweepError: it is none.
    """
    found = _SWEEP.fullmatch(text.replace(" ", ""))
    if found is None:
        raise SweepError(f"`{text}` is not {_FORM}")
    names, start, end, rest = found.group(1), int(found.group(2)), int(found.group(3)), found[4]
    count = _COUNT.fullmatch(rest)
    if rest and count is None:
        raise SweepError(f"`{rest}` in `{text}` is no number of sizes from 1 to 999: write {_FORM}")
    if end < start:
        raise SweepError(f"`{text}` runs backwards: write {names}={end}..{start}")
    labels = (ELLIPSIS,) if names == ELLIPSIS else tuple(names)
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise SweepError(f"`{text}` names the index `{twice}` twice")
    sizes = _powers(start, end) if count is None else _spread(start, end, int(count.group(1)))
    return Sweep(labels, tuple(dict.fromkeys(sizes)))


def _powers(start: int, end: int) -> Iterator[int]:
    size = start
    while size < end:
        yield size
        size *= _FACTOR
    yield end


def _spread(start: int, end: int, count: int) -> Iterator[int]:
    for place in range(count - 1):
        yield round(start * (end / start) ** (place / (count - 1)))
    yield end


def sweep_for(equation: Equation, given: Mapping[str, int], wanted: Sweep | None) -> Sweep | None:
    """The sweep of an equation: the wanted one; without it, of all indices that have no size.

    None if all have one.

    Raises:
        SweepError: the equation lacks an index of the sweep, or its size is given.
    """
    if wanted is None:
        return _together(equation, given)
    for label in wanted.labels:
        if label not in equation.labels:
            raise SweepError(f"`{equation}` has no index `{label}`")
        if label in given:
            raise SweepError(
                f"`{label}` has a size already: leave out --size {label}={given[label]}"
            )
    return wanted


def grid(equation: Equation, given: Mapping[str, int], sweep: Sweep | None) -> tuple[Sizes, ...]:
    """The sizes of every index, once for each size of the sweep, the smallest first.

    Indices that are neither swept nor given have the same sizes everywhere.
    """
    base = _base(equation, given)
    if sweep is None:
        return (tuple(base.items()),)
    swept = (dict.fromkeys(sweep.labels, size) for size in sweep.sizes)
    return tuple(tuple({**base, **each}.items()) for each in swept)


def _base(equation: Equation, given: Mapping[str, int]) -> dict[str, int]:
    """Given sizes are kept; those of the preset are halved until the tensors are small enough."""
    roles = index_roles(equation)
    base = {label: given.get(label, _by_role(role_of(label, roles))) for label in equation.labels}
    while not _fits(equation, base):
        shrinking = [label for label in base if label not in given and base[label] > 1]
        if not shrinking:
            break
        base[max(shrinking, key=lambda label: base[label])] //= 2
    return base


def _by_role(role: str) -> int:
    preset = PRESETS[_PRESET]
    if role == "batch":
        return preset.batch
    return preset.contracted if role in ("contracted", "summed") else preset.free


def _together(equation: Equation, given: Mapping[str, int]) -> Sweep | None:
    labels = tuple(label for label in equation.labels if label not in given)
    if not labels:
        return None
    powers = [_FACTOR**exponent for exponent in range(1, _POWERS + 1)]
    fitting = [size for size in powers if _fits(equation, {**given, **dict.fromkeys(labels, size)})]
    return Sweep(labels, tuple(fitting) or (powers[0],))


def _fits(equation: Equation, sizes: Mapping[str, int]) -> bool:
    terms: Sequence[Subscripts] = (*equation.inputs, equation.output)
    largest = max(prod(sizes[label] for label in term) for term in terms)
    products = prod(sizes[label] for label in equation.labels)
    return largest <= _MOST_ELEMENTS and products <= _MOST_PRODUCTS
