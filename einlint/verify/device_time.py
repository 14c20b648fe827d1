"""Time on a device beside time on the host: rates, and whether a call is launch-bound."""

from collections.abc import Callable
from typing import Final

from einlint.verify.quantities import seconds_text
from einlint.verify.report import Measurement, Result, Speedup

LAUNCH_BOUND: Final = 0.5
"""A call whose kernels take less than this share of its time is launch-bound."""

_TERA: Final = 1e12
_GIGA: Final = 1e9


def kernel_seconds(side: Measurement) -> float | None:
    """Seconds in which the kernels of one call run; None if unknown, or if there are none."""
    return sum(each.seconds for each in side.kernels) if side.kernels else None


def is_launch_bound(side: Measurement) -> bool:
    """Whether the device mostly waits for the host to launch its kernels.

    Calls that were timed alone, behind a flush, are not: they do not wait for the host.
    """
    kernels = kernel_seconds(side)
    if kernels is None or _is_cold(side):
        return False
    return kernels < LAUNCH_BOUND * side.seconds.median


def _is_cold(side: Measurement) -> bool:
    return any(block.between is not None for visit in side.samples for block in visit)


def tflop_per_second(side: Measurement) -> float | None:
    """10^12 FLOPs a second; None if none of the call are counted."""
    return _rate(side.flops, side, _TERA)


def gb_per_second(side: Measurement) -> float | None:
    """10^9 bytes a second that operators read and write; None if unknown."""
    return _rate(side.moved_bytes, side, _GIGA)


def _rate(count: int | None, side: Measurement, unit: float) -> float | None:
    """By the clock that runs for this side alone; None if it shows nothing, as for a mere view."""
    seconds = (side.device_seconds or side.cpu_seconds or side.seconds).median
    return count / seconds / unit if count and seconds else None


def device_text(result: Result) -> str | None:
    """What the clock of a device and the kernels say of a case; None if that clock did not run."""
    before, after = result.original, result.replacement
    if before is None or after is None or None in (before.device_seconds, after.device_seconds):
        return None
    is_cold = _is_cold(before)
    known = (
        _change("device time", before, after, _device_seconds, seconds_text),
        _ratio(result.device_speedup),
        None if is_cold else _change("host time", before, after, _host_seconds, seconds_text),
        "each call after a flush of L2" if is_cold else None,
        _change("kernels", before, after, kernel_seconds, seconds_text),
        _change("TFLOP/s", before, after, tflop_per_second, "{:.3g}".format),
        _change("GB/s", before, after, gb_per_second, "{:.3g}".format),
        _launch_bound(before, after),
    )
    return "; ".join(text for text in known if text is not None)


def _device_seconds(side: Measurement) -> float | None:
    return side.device_seconds.median if side.device_seconds else None


def _host_seconds(side: Measurement) -> float:
    return side.seconds.median


def _change(
    name: str,
    before: Measurement,
    after: Measurement,
    value: Callable[[Measurement], float | None],
    text: Callable[[float], str],
) -> str | None:
    """The value of both sides; None if it is known of neither."""
    texts = ["-" if (known := value(side)) is None else text(known) for side in (before, after)]
    return None if texts == ["-", "-"] else f"{name} {' > '.join(texts)}"


def _ratio(speedup: Speedup | None) -> str | None:
    if speedup is None:
        return None
    return f"ratio {speedup.median:.2f} ({speedup.low:.2f} to {speedup.high:.2f})"


def _launch_bound(before: Measurement, after: Measurement) -> str | None:
    named = (("the original", before), ("the replacement", after))
    bound = [name for name, side in named if is_launch_bound(side)]
    return f"launch-bound: {' and '.join(bound)}" if bound else None
