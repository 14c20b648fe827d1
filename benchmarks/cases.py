"""Operands on which a replacement must equal the call, and the assumptions they need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, EQUAL_DTYPES, EQUAL_SIZES, NO_AUTOCAST
from einlint.verify.running.tensors import permuted, shapes_of, whole_numbers

DTYPES = (torch.float32, torch.float64, torch.int64, torch.bfloat16, torch.complex128)
SIZES = (2, 3, 5, 4, 7, 6, 8, 9)
ELLIPSES = ((), (4,), (3, 2))

Shapes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Case:
    """Operands for one run of both sides.

    violates: the assumptions that do not hold; a fix that names one of them may differ here.
    has_ones: an axis has size 1, and einsum may take another kernel with another layout.
    broadcasts: it has more in another operand; einsum permutes its result then, `@` does not.
    autocast: both sides run in an autocast region.
    """

    name: str
    operands: tuple[torch.Tensor, ...]
    violates: frozenset[str] = frozenset()
    has_ones: bool = False
    broadcasts: bool = False
    autocast: bool = False


def cases(equation: Equation) -> Iterator[Case]:
    """All cases: different sizes in every dtype, sizes 0 and 1, broadcasting, autocast."""
    sizes = {label: SIZES[i % len(SIZES)] for i, label in enumerate(equation.labels)}
    for ellipsis in ELLIPSES if ELLIPSIS in equation.labels else ELLIPSES[:1]:
        shapes = shapes_of(equation, sizes, ellipsis)
        yield from _all_dtypes(shapes, f"`...` is {ellipsis}" if ELLIPSIS in sizes else "")
        for label in sizes:
            if label != ELLIPSIS:
                yield from _small(equation, sizes, label, ellipsis)
    yield from _broadcasting(equation, sizes)
    yield from _mixed(shapes_of(equation, sizes))


def _all_dtypes(shapes: Shapes, name: str) -> Iterator[Case]:
    for dtype in DTYPES:
        operands = _operands(shapes, dtype)
        yield Case(f"{dtype} {name}", operands)
        yield Case(f"{dtype} permuted {name}", tuple(map(permuted, operands)))
    single = _operands(shapes, torch.float32)
    yield Case(f"autocast {name}", single, frozenset({NO_AUTOCAST}), autocast=True)


def _small(
    equation: Equation, sizes: dict[str, int], label: str, ellipsis: tuple[int, ...]
) -> Iterator[Case]:
    none = shapes_of(equation, {**sizes, label: 0}, ellipsis)
    yield Case(f"{label}=0", _operands(none, torch.float64))
    one = shapes_of(equation, {**sizes, label: 1}, ellipsis)
    violated = frozenset({EQUAL_SIZES} if label in _contracted(equation) else ())
    yield Case(f"{label}=1", _operands(one, torch.float64), violated, has_ones=True)


def _broadcasting(equation: Equation, sizes: dict[str, int]) -> Iterator[Case]:
    """Cases with size 1 in one operand only, and with axes of `...` missing in one operand."""
    contracted = _contracted(equation)
    for label in equation.labels:
        holders = [i for i, term in enumerate(equation.inputs) if label in term]
        violated = EQUAL_SIZES if label in contracted else BATCH_SIZES_EQUAL
        for narrow in holders if len(holders) > 1 else []:
            shapes = list(shapes_of(equation, sizes, (3, 2)))
            one = shapes_of(equation, {**sizes, label: 1}, (3, 2))
            fewer = shapes_of(equation, sizes, (2,))
            shapes[narrow] = (fewer if label == ELLIPSIS else one)[narrow]
            operands = _operands(shapes, torch.float64)
            name = f"`{label}` broadcasts in {narrow}"
            yield Case(name, operands, frozenset({violated}), has_ones=True, broadcasts=True)


def _contracted(equation: Equation) -> Subscripts:
    return contraction_of(equation).roles.contracted


def _mixed(shapes: Shapes) -> Iterator[Case]:
    if len(shapes) == 2:
        for dtypes in ((torch.float32, torch.float64), (torch.float64, torch.float32)):
            operands = [whole_numbers(shapes[i], dtype, i) for i, dtype in enumerate(dtypes)]
            yield Case("mixed dtypes", tuple(operands), frozenset({EQUAL_DTYPES}))


def _operands(shapes: Shapes, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    return tuple(whole_numbers(shape, dtype, seed) for seed, shape in enumerate(shapes))
