"""Sizes for the indices of an equation: those that are given, and presets by role."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.algebra.roles import index_roles, role_of
from einlint.verify.report import Sizes


@dataclass(frozen=True, slots=True)
class Preset:
    """The size of an index by its role."""

    batch: int
    free: int
    contracted: int


PRESETS: Final = {
    "tiny": Preset(batch=2, free=8, contracted=8),
    "small": Preset(batch=8, free=32, contracted=32),
    "typical": Preset(batch=16, free=128, contracted=64),
    "large": Preset(batch=32, free=512, contracted=512),
}
DEFAULT_PRESETS: Final = ("small", "typical")

# What a preset may ask of a machine: elements of one tensor, and products to sum.
_MOST_ELEMENTS: Final = 2**24
_MOST_PRODUCTS: Final = 2**31

# Indices behind these are of size 2: enough to tell axes apart, and few enough elements.
_DISTINCT: Final = (3, 4, 5, 6, 7, 8)


def case_sizes(
    equation: Equation, presets: Sequence[str], given: Mapping[str, int]
) -> tuple[Sizes, ...]:
    """The sizes to run an equation with, each once: one for a preset, with what is given on top."""
    made = (_preset_sizes(equation, PRESETS[name], given) for name in presets)
    return tuple(dict.fromkeys(made))


def distinct_sizes(equation: Equation) -> Sizes:
    """Small sizes that tell the indices apart: no axis can be taken for another."""
    padding = (2,) * len(equation.labels)
    return tuple(zip(equation.labels, (*_DISTINCT, *padding), strict=False))


def unknown_indices(given: Collection[str], equations: Collection[Equation]) -> Iterator[str]:
    """Those of `given` that no equation has."""
    known = {label for equation in equations for label in equation.labels}
    yield from (label for label in given if label not in known)


def _preset_sizes(equation: Equation, preset: Preset, given: Mapping[str, int]) -> Sizes:
    """Sizes that are given stay; those of the preset are halved until the tensors are small."""
    roles = index_roles(equation)
    sizes = {
        label: given.get(label, _by_role(label, role_of(label, roles), preset))
        for label in equation.labels
    }
    while _is_too_large(equation, sizes):
        shrinking = [label for label in sizes if label not in given and sizes[label] > 1]
        if not shrinking:
            break
        sizes[max(shrinking, key=lambda label: sizes[label])] //= 2
    return tuple(sizes.items())


def _by_role(label: str, role: str, preset: Preset) -> int:
    if role == "batch" or label == ELLIPSIS:
        return preset.batch
    return preset.contracted if role in ("contracted", "summed") else preset.free


def _is_too_large(equation: Equation, sizes: Mapping[str, int]) -> bool:
    terms = (*equation.inputs, equation.output)
    largest = max(prod(sizes[label] for label in term) for term in terms)
    return largest > _MOST_ELEMENTS or prod(sizes.values()) > _MOST_PRODUCTS
