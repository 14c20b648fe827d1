"""Recorded signatures -> evidence: which assumptions held in all calls of a site, which did not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, TypeAlias

from einlint.algebra.canonical import canonical
from einlint.algebra.equation import ELLIPSIS, Equation, EquationError, Subscripts, parse
from einlint.algebra.roles import index_roles
from einlint.printable import counted
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    EQUAL_DTYPES,
    EQUAL_SIZES,
    NO_AUTOCAST,
    RANKS_FIT,
    Evidence,
    EvidenceKind,
)
from einlint.trace.store import Row, Signature, Size, SizeRange

# Fewer recorded calls prove nothing.
_FEWEST: Final = 3
# Autocast is on for one kind of device only, and programs choose dtypes by device.
_DEPEND_ON_DEVICE: Final = frozenset({NO_AUTOCAST, EQUAL_DTYPES})

Extent: TypeAlias = tuple[Size, ...]
"""The sizes that one label has in one operand: one size, or those of an ellipsis."""


def evidence_of(
    equation: Equation, rows: Sequence[Row], elsewhere: str | None = None
) -> dict[str, Evidence]:
    """Assumption name -> what the recorded calls of a site show about it.

    One call that violates an assumption is evidence against it, whatever the other calls show.
    It is too little evidence if fewer than `_FEWEST` calls meet it, or if all ran on the CPU,
    the code also uses another device, and the assumption depends on the device. Nothing is known of
    a call that raised, and what depends on the device not from meta tensors.

    elsewhere: how the code uses another device, as a phrase.
    """
    returned = [row for row in rows if row.calls]
    real = [row for row in returned if row.signature is None or not row.signature.is_meta]
    signatures = {row.signature.equation: row.signature for row in returned if row.signature}
    same = {text for text, signature in signatures.items() if is_of(signature, equation)}
    found: dict[str, Evidence] = {}
    for name, holds in _HOLDS.items():
        depends = name in _DEPEND_ON_DEVICE
        asked = real if depends else returned
        known = [row.signature is not None and row.signature.equation in same for row in asked]
        answers = [
            holds(equation, row.signature) if is_known and row.signature else None
            for row, is_known in zip(asked, known, strict=True)
        ]
        evidence = _shown(asked, answers, elsewhere if depends else None)
        if evidence is not None:
            found[name] = evidence
    return found


def _shown(
    rows: Sequence[Row], answers: Sequence[bool | None], elsewhere: str | None
) -> Evidence | None:
    """What some calls show about one assumption; None if nothing.

    answers: whether each meets it; None if unknown.
    """
    calls, devices = sum(row.calls for row in rows), _devices(rows)
    seen = f"seen in {counted(calls, 'call')} on {' and '.join(devices)}"
    against = sum(row.calls for row, answer in zip(rows, answers, strict=True) if answer is False)
    if against:
        text = f"it did not hold in {against:,} of the {counted(calls, 'call')} seen"
        return Evidence(text, kind=EvidenceKind.AGAINST)
    if not answers or not all(answers):
        return None
    if calls < _FEWEST:
        return Evidence(f"{seen}, and {_FEWEST} are needed", kind=EvidenceKind.LITTLE)
    if elsewhere and devices == ["cpu"]:
        text = f"{seen} alone, and the code {elsewhere}"
        return Evidence(text, kind=EvidenceKind.LITTLE)
    return Evidence(seen, kind=EvidenceKind.TRACE)


def _devices(rows: Sequence[Row]) -> list[str]:
    """The kinds of device of the operands, without device numbers."""
    signatures = (row.signature for row in rows if row.signature is not None)
    operands = (operand for signature in signatures for operand in signature.operands)
    return sorted({operand.device.partition(":")[0] for operand in operands})


def extents_of(equation: Equation, signature: Signature) -> list[Mapping[str, Extent]] | None:
    """For each operand, label -> sizes; None if a rank does not fit its term."""
    if len(signature.operands) != len(equation.inputs):
        return None
    found = []
    for term, operand in zip(equation.inputs, signature.operands, strict=True):
        bound = None if operand.shape is None else _bound(term, operand.shape)
        if bound is None:
            return None
        found.append(bound)
    return found


def _bound(term: Subscripts, shape: Extent) -> Mapping[str, Extent] | None:
    if ELLIPSIS not in term:
        sizes = [(size,) for size in shape]
        return dict(zip(term, sizes, strict=True)) if len(term) == len(shape) else None
    before = term.index(ELLIPSIS)
    behind = len(term) - before - 1
    end = len(shape) - behind
    if end < before:
        return None
    extents = [*((size,) for size in shape[:before]), shape[before:end]]
    extents += [(size,) for size in shape[end:]]
    return dict(zip(term, extents, strict=True))


def is_of(signature: Signature | None, equation: Equation) -> bool:
    """Whether a call had this equation, up to the letters."""
    if signature is None or signature.equation is None:
        return False
    try:
        return canonical(parse(signature.equation)) == canonical(equation)
    except EquationError:
        return False


def _have_equal_contracted_sizes(equation: Equation, signature: Signature) -> bool | None:
    extents = _extents(equation, signature, index_roles(equation).contracted)
    return _all(_are_equal(each, may_be_one=False) for each in extents)


def _have_equal_batch_sizes(equation: Equation, signature: Signature) -> bool | None:
    extents = _extents(equation, signature, index_roles(equation).batch)
    return _all(_are_equal(each, may_be_one=True) for each in extents)


def _are_equal(extents: Sequence[Extent], *, may_be_one: bool) -> bool | None:
    """Whether one label has one size; None if that is unknown, as it is for ranges that meet."""
    if not extents or any(None in each for each in extents):
        return None
    if any(isinstance(size, SizeRange) for each in extents for size in each):
        pairs = combinations(extents, 2)
        return False if any(_surely_differ(one, other) for one, other in pairs) else None
    return len(set(extents)) == 1 and (may_be_one or 1 not in extents[0])


def _surely_differ(one: Extent, other: Extent) -> bool:
    """Whether two operands have another number of axes or, on one axis, no size in common."""
    if len(one) != len(other):
        return True
    bounds = ((*_bounds(first), *_bounds(second)) for first, second in zip(one, other, strict=True))
    return any(high < other_low or other_high < low for low, high, other_low, other_high in bounds)


def _bounds(size: Size) -> tuple[int, int]:
    if isinstance(size, SizeRange):
        return size
    assert size is not None
    return size, size


def _are_outside_autocast(equation: Equation, signature: Signature) -> bool | None:
    return signature.autocast is None


def _have_equal_dtypes(equation: Equation, signature: Signature) -> bool | None:
    return len({operand.dtype for operand in signature.operands}) == 1


def _have_fitting_ranks(equation: Equation, signature: Signature) -> bool | None:
    return True if extents_of(equation, signature) is not None else None


def _extents(
    equation: Equation, signature: Signature, labels: Subscripts
) -> Iterator[list[Extent]]:
    """For each label, its sizes in the operands that have it; empty if the ranks do not fit."""
    operands = extents_of(equation, signature) or ()
    for label in labels:
        yield [each[label] for each in operands if label in each]


_HOLDS: Final[Mapping[str, Callable[[Equation, Signature], bool | None]]] = {
    EQUAL_SIZES: _have_equal_contracted_sizes,
    BATCH_SIZES_EQUAL: _have_equal_batch_sizes,
    NO_AUTOCAST: _are_outside_autocast,
    RANKS_FIT: _have_fitting_ranks,
    EQUAL_DTYPES: _have_equal_dtypes,
}
"""Assumption -> whether a signature meets it; None if unknown."""


def _all(answers: Iterable[bool | None]) -> bool | None:
    given = list(answers)
    if False in given:
        return False
    return None if None in given else True
