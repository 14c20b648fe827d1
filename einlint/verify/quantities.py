"""Readable texts for times, memory, sizes and shapes."""

from einlint.verify.report import Case, Recorded, Sizes, Unmeasured


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
