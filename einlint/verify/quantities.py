"""Readable texts for times, memory, sizes and shapes."""

from typing import Final

from einlint.verify.case import Case, Recorded, Sizes, SizeSource
from einlint.verify.report import Unmeasured


def seconds_text(seconds: float) -> str:
    """As in 12.3 us."""
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def memory_text(count: float) -> str:
    """As in 4 KiB."""
    for unit, size in (("B", 1), ("KiB", 2**10), ("MiB", 2**20)):
        if count < 1024 * size:
            return f"{count / size:.4g} {unit}"
    return f"{count / 2**30:.4g} GiB"


def sizes_text(sizes: Sizes) -> str:
    """As in i=3 j=4."""
    return " ".join(f"{label}={size}" for label, size in sizes)


def shapes_text(case: Case) -> str:
    """The sizes of a case, with its shapes if the sizes do not give them, as in i=8 (1, 8)."""
    shapes = ("x".join(map(str, shape)) or "no axes" for shape in case.shapes or ())
    return sizes_text(case.sizes) + (f" ({', '.join(shapes)})" if case.shapes else "")


def origin_text(case: Case) -> str:
    """Where the sizes come from, as in `code, b=16 assumed (preset typical)`."""
    if case.origin is None:
        return "-"
    sources, preset = set(case.origin.sources), f"preset {case.origin.preset}"
    if case.shapes is not None and SizeSource.TRACE not in sources:
        sources.add(SizeSource.CODE)  # only the code shows what broadcasts, and the rank of `...`
    if sources == {SizeSource.PRESET}:
        return preset
    known = [text for source, text in _KNOWN if source in sources]
    sized = zip(case.sizes, case.origin.sources, strict=True)
    assumed = sizes_text(tuple(size for size, source in sized if source is SizeSource.PRESET))
    return ", ".join([*known, *([f"{assumed} assumed ({preset})"] if assumed else [])])


_KNOWN: Final = (
    (SizeSource.OPTION, "--size"),
    (SizeSource.CODE, "code"),
    (SizeSource.TRACE, "trace"),
)


def recorded_text(recorded: Recorded | None) -> str:
    """As in 1.2 s (340 calls)."""
    if recorded is None:
        return "-"
    calls = "1 call" if recorded.calls == 1 else f"{recorded.calls:,} calls"
    spans = " ".join(f"{label}={low}..{high}" for label, low, high in recorded.ranges)
    middle = f", the middle of {spans}" if spans else ""
    return f"{seconds_text(recorded.seconds)} ({calls}{middle})"


def unmeasured_cells(each: Unmeasured) -> tuple[str, str, str, str]:
    """Share, seconds, equation and reason."""
    equation = each.equation or "(unknown)"
    return f"{each.share:.1%}", seconds_text(each.seconds), equation, each.reason
