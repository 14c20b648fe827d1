"""The sizes to run a rewrite with: those that the code shows at its calls, then presets."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.algebra.equation import Equation
from einlint.printable import counted
from einlint.verify.case import Site, Sizes, SizeSource
from einlint.verify.quantities import sizes_text
from einlint.verify.shown_sizes import Shown, has_number
from einlint.verify.sized_case import Preset, SizedCase, sized_case


def _attention(*, b: int, h: int, n: int, m: int, d: int) -> Sizes:
    """Sizes of batch, heads, queries, keys, and the features of keys and values."""
    return (("b", b), ("h", h), ("n", n), ("m", m), ("d", d), ("e", d))


PRESETS: Final = {
    each.name: each
    for each in (
        Preset("tiny", 2, 8, 8, attention=_attention(b=1, h=2, n=8, m=8, d=8)),
        Preset("small", 8, 32, 32, attention=_attention(b=2, h=4, n=64, m=64, d=32)),
        Preset("typical", 16, 128, 64, attention=_attention(b=4, h=8, n=512, m=512, d=64)),
        Preset("decode", attention=_attention(b=8, h=8, n=1, m=512, d=64)),
        Preset("large", 32, 512, 512, attention=_attention(b=1, h=16, n=1024, m=1024, d=128)),
        # What keeps a large GPU busy: 2 TFLOP, some 40 ms in float32 at 50 TFLOP/s.
        Preset(
            *("huge", 64, 4096, 4096),
            most_elements=2**28,
            most_products=2**40,
            attention=_attention(b=2, h=32, n=2048, m=2048, d=128),
        ),
    )
}
DEFAULT_PRESETS: Final = ("small", "typical", "decode")
"""`decode`, one query, is for attention only."""

AFTER_CODE: Final = ("typical",)
"""Where the code says the sizes, one preset is enough to see what other sizes do."""

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


def case_sizes(
    equation: Equation, calls: Sequence[Call], sizing: Sizing, steps: Sequence[Equation] = ()
) -> CaseSizes:
    """The sizes to run a rewrite with.

    First those that are given for one of its calls, then those that the code shows, then presets.
    Equal cases are one.

    Args:
        equation: the axes of all operands.
        calls: the places, and what the code shows there.
        sizing: what else decides.
        steps: the contractions of an attention; empty if the equation is all that is computed.
    """
    axes = _Axes(equation, steps)
    chosen = [call for call in calls if call[0] in sizing.given_at]
    others = [shown for site, shown in calls if site not in sizing.given_at]
    showing = list(dict.fromkeys(shown for shown in others if has_number(shown)))
    rest = list(dict.fromkeys(shown for shown in others if not has_number(shown)))
    found: dict[object, SizedCase] = {}
    for site, shown in chosen:
        given = {**sizing.given, **sizing.given_at[site]}
        _add(found, _cases(axes, (shown,), given, sizing.presets))
    left_out = _add_shown(found, _cases(axes, showing, sizing.given, sizing.presets))
    presets = sizing.presets
    if calls and not rest and sizing.presets_after_code is not None:
        presets = sizing.presets_after_code
    _add(found, _cases(axes, rest or ((),), sizing.given, presets))
    if not found and not left_out:
        left_out = (f"preset {' and '.join(presets)}: it has sizes for other rewrites only",)
    return CaseSizes(tuple(found.values()), left_out)


def distinct_sizes(equation: Equation) -> Sizes:
    """Small sizes, all different for the first six indices, so that mixed-up axes show."""
    padding = (2,) * len(equation.labels)
    return tuple(zip(equation.labels, (*_DISTINCT, *padding), strict=False))


def unknown_indices(given: Collection[str], equations: Collection[Equation]) -> Iterator[str]:
    """The indices in `given` that no equation has."""
    known = {label for equation in equations for label in equation.labels}
    yield from (label for label in given if label not in known)


@dataclass(frozen=True, slots=True)
class _Axes:
    """The axes of the operands, and the contractions of an attention."""

    equation: Equation
    steps: Sequence[Equation]

    def case(self, shown: Shown, given: Mapping[str, int], preset: Preset) -> SizedCase | None:
        """A case; None if the preset has no sizes for it.

        One query, or another number of queries than keys, fits no attention of a text to itself.
        """
        if not self.steps:
            return sized_case(self.equation, shown, given, preset) if preset.has_roles else None
        found = sized_case(self.equation, shown, given, preset, self.steps)
        wanted, sizes = dict(preset.attention), dict(found.sizes)
        is_free = wanted["n"] != wanted["m"] and found.origin.preset is not None
        is_of_one_text = sizes.get("n") == sizes.get("m", sizes.get("n"))
        return None if is_free and is_of_one_text else found


def _cases(
    axes: _Axes, shown: Iterable[Shown], given: Mapping[str, int], presets: Sequence[str]
) -> Iterator[SizedCase]:
    for each in shown:
        for name in presets:
            case = axes.case(each, given, PRESETS[name])
            if case is not None:
                yield case


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
    if set(case.origin.sources) <= {SizeSource.OPTION, SizeSource.PRESET}:
        return False
    return case.largest > _MOST_ELEMENTS or case.products > _MOST_PRODUCTS
