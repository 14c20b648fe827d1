"""Sizes for the indices of an equation: given by the user, else by preset and role."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.algebra.roles import index_roles, role_of
from einlint.verify.report import Sizes


@dataclass(frozen=True, slots=True)
class Preset:
    """The size of an index by its role.

    most_elements: of one tensor. most_products: of one contraction.
    """

    batch: int
    free: int
    contracted: int
    most_elements: int = 2**24
    most_products: int = 2**31


PRESETS: Final = {
    "tiny": Preset(batch=2, free=8, contracted=8),
    "small": Preset(batch=8, free=32, contracted=32),
    "typical": Preset(batch=16, free=128, contracted=64),
    "large": Preset(batch=32, free=512, contracted=512),
    # What keeps a large GPU busy: 2 TFLOP, some 40 ms in float32 at 50 TFLOP/s.
    "huge": Preset(64, 4096, 4096, most_elements=2**28, most_products=2**40),
}
DEFAULT_PRESETS: Final = ("small", "typical")

# Further indices get size 2, so that the tensors stay small.
_DISTINCT: Final = (3, 4, 5, 6, 7, 8)


def case_sizes(
    equation: Equation, presets: Sequence[str], given: Mapping[str, int]
) -> tuple[Sizes, ...]:
    """The sizes to run an equation with: one set for each preset, overridden by given sizes."""
    made = (_preset_sizes(equation, PRESETS[name], given) for name in presets)
    return tuple(dict.fromkeys(made))


def distinct_sizes(equation: Equation) -> Sizes:
    """Small sizes, all different for the first six indices, so that mixed-up axes show."""
    padding = (2,) * len(equation.labels)
    return tuple(zip(equation.labels, (*_DISTINCT, *padding), strict=False))


def unknown_indices(given: Collection[str], equations: Collection[Equation]) -> Iterator[str]:
    """The indices in `given` that no equation has."""
    known = {label for equation in equations for label in equation.labels}
    yield from (label for label in given if label not in known)


def _preset_sizes(equation: Equation, preset: Preset, given: Mapping[str, int]) -> Sizes:
    """Given sizes are kept; sizes of the preset are halved until the tensors are small enough."""
    roles = index_roles(equation)
    sizes = {
        label: given.get(label, _by_role(label, role_of(label, roles), preset))
        for label in equation.labels
    }
    while _is_too_large(equation, sizes, preset):
        shrinking = [label for label in sizes if label not in given and sizes[label] > 1]
        if not shrinking:
            break
        sizes[max(shrinking, key=lambda label: sizes[label])] //= 2
    return tuple(sizes.items())


def _by_role(label: str, role: str, preset: Preset) -> int:
    if role == "batch" or label == ELLIPSIS:
        return preset.batch
    return preset.contracted if role in ("contracted", "summed") else preset.free


def _is_too_large(equation: Equation, sizes: Mapping[str, int], preset: Preset) -> bool:
    terms = (*equation.inputs, equation.output)
    largest = max(prod(sizes[label] for label in term) for term in terms)
    return largest > preset.most_elements or prod(sizes.values()) > preset.most_products
