"""The sizes to run a rewrite with: those that the code shows at its calls, then presets."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final, TypeAlias

from einlint.algebra.equation import Equation
from einlint.diagnostics import counted
from einlint.verify.case import Site, Sizes, SizeSource
from einlint.verify.quantities import sizes_text
from einlint.verify.shown_sizes import Shown, has_number
from einlint.verify.sized_case import Preset, SizedCase, sized_case

PRESETS: Final = {
    each.name: each
    for each in (
        Preset("tiny", batch=2, free=8, contracted=8),
        Preset("small", batch=8, free=32, contracted=32),
        Preset("typical", batch=16, free=128, contracted=64),
        Preset("large", batch=32, free=512, contracted=512),
        # What keeps a large GPU busy: 2 TFLOP, some 40 ms in float32 at 50 TFLOP/s.
        Preset("huge", 64, 4096, 4096, most_elements=2**28, most_products=2**40),
    )
}
DEFAULT_PRESETS: Final = ("small", "typical")

# Of the cases at sizes that the code shows: more of them for one rewrite are left out.
_MOST_SHOWN: Final = 6
# Limits for these cases, which nobody asked for: elements of one tensor (512 MiB in float32), and
# products of one contraction (a second on a CPU, and the comparison runs it some thirty times).
_MOST_ELEMENTS: Final = 2**27
_MOST_PRODUCTS: Final = 2**34

# Further indices get size 2, so that the tensors stay small.
_DISTINCT: Final = (3, 4, 5, 6, 7, 8)

Call: TypeAlias = tuple[Site, Shown]
"""The place of a call, and what the code shows of its sizes."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """What decides on sizes besides the code.

    given: sizes for all calls. given_at: sizes for the calls at some places, which come first.
    presets: give the other sizes.
    presets_after_code: those that follow where every call of a rewrite shows sizes; None for all.
    """

    presets: tuple[str, ...]
    given: Mapping[str, int] = field(default_factory=dict)
    given_at: Mapping[Site, Mapping[str, int]] = field(default_factory=dict)
    presets_after_code: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaseSizes:
    """The cases of a rewrite, in order, and what is left out, as texts."""

    cases: tuple[SizedCase, ...]
    left_out: tuple[str, ...] = ()


def case_sizes(equation: Equation, calls: Sequence[Call], sizing: Sizing) -> CaseSizes:
    """The sizes to run a rewrite with.

    First those that are given for one of its calls, then those that the code shows, then presets.
    Equal cases are one.
    """
    chosen = [call for call in calls if call[0] in sizing.given_at]
    others = [shown for site, shown in calls if site not in sizing.given_at]
    showing = list(dict.fromkeys(shown for shown in others if has_number(shown)))
    rest = list(dict.fromkeys(shown for shown in others if not has_number(shown)))
    found: dict[object, SizedCase] = {}
    for site, shown in chosen:
        given = {**sizing.given, **sizing.given_at[site]}
        _add(found, _cases(equation, (shown,), given, sizing.presets))
    left_out = _add_shown(found, _cases(equation, showing, sizing.given, sizing.presets))
    presets = sizing.presets
    if calls and not rest and sizing.presets_after_code is not None:
        presets = sizing.presets_after_code
    _add(found, _cases(equation, rest or ((),), sizing.given, presets))
    return CaseSizes(tuple(found.values()), left_out)


def distinct_sizes(equation: Equation) -> Sizes:
    """Small sizes, all different for the first six indices, so that mixed-up axes show."""
    padding = (2,) * len(equation.labels)
    return tuple(zip(equation.labels, (*_DISTINCT, *padding), strict=False))


def unknown_indices(given: Collection[str], equations: Collection[Equation]) -> Iterator[str]:
    """The indices in `given` that no equation has."""
    known = {label for equation in equations for label in equation.labels}
    yield from (label for label in given if label not in known)


def _cases(
    equation: Equation, shown: Iterable[Shown], given: Mapping[str, int], presets: Sequence[str]
) -> Iterator[SizedCase]:
    for each in shown:
        for name in presets:
            yield sized_case(equation, each, given, PRESETS[name])


def _add(found: dict[object, SizedCase], cases: Iterable[SizedCase]) -> None:
    for case in cases:
        found.setdefault(case.key, case)


def _add_shown(found: dict[object, SizedCase], cases: Iterable[SizedCase]) -> tuple[str, ...]:
    """Add what is not too much; return texts about the rest."""
    fitting: dict[object, SizedCase] = {}
    too_large: dict[str, None] = {}
    for case in cases:
        if _is_too_large(case):
            too_large[sizes_text(case.sizes)] = None
        elif case.key not in found:
            fitting.setdefault(case.key, case)
    _add(found, list(fitting.values())[:_MOST_SHOWN])
    texts = [
        f"{text}, as the code shows: too large, unless --size asks for it" for text in too_large
    ]
    if len(fitting) > _MOST_SHOWN:
        more = counted(len(fitting) - _MOST_SHOWN, "more case")
        texts.append(f"{more} at sizes that the code shows: --size FILE:LINE:INDEX=SIZE selects")
    return tuple(texts)


def _is_too_large(case: SizedCase) -> bool:
    """Whether sizes that nobody asked for need too much memory or time."""
    sizes = dict(case.sizes)
    if set(case.origin.sources) <= {SizeSource.OPTION, SizeSource.PRESET}:
        return False
    return case.largest > _MOST_ELEMENTS or prod(sizes.values()) > _MOST_PRODUCTS
