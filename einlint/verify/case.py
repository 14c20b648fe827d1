"""A case: sizes, dtype, device and mode to run a call with, and where they come from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from einlint.source.places import text_name

Sizes: TypeAlias = tuple[tuple[str, int], ...]
"""The size of every index of an equation, in order of appearance."""


Shapes: TypeAlias = tuple[tuple[int, ...], ...]
"""The shapes of all operands."""


class Mode(StrEnum):
    """How a side is run: alone, with its gradients, or compiled by torch.compile."""

    FORWARD = "forward"
    BACKWARD = "forward+backward"
    COMPILED = "compiled"


class SizeSource(StrEnum):
    """Where the size of an index comes from."""

    CODE = "code"
    OPTION = "option"
    PRESET = "preset"
    TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the sizes of a case come from.

    sources: the source of every size, in the order of the sizes.
    preset: its name, if any size comes from it.
    """

    sources: tuple[SizeSource, ...]
    preset: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """The place of a call; in a notebook the line within a numbered code cell."""

    filename: str
    row: int
    cell: int | None = None

    @property
    def place(self) -> str:
        """As text: `a.py:12`, or `a.ipynb:cell 3:12`."""
        return f"{text_name(self.filename, self.cell)}:{self.row}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """How often a program made a call, and the seconds it took, from a trace.

    first_calls, first_seconds: the part that was the first call in its process (cold start).
    ranges: the sizes that differed between the calls, lowest and highest; the case has the middle.
    """

    calls: int
    seconds: float
    first_calls: int = 0
    first_seconds: float = 0.0
    ranges: tuple[tuple[str, int, int], ...] = ()

    def plus(self, other: "Recorded") -> "Recorded":
        """The sum of both."""
        return Recorded(
            self.calls + other.calls,
            self.seconds + other.seconds,
            self.first_calls + other.first_calls,
            self.first_seconds + other.first_seconds,
            self.ranges or other.ranges,
        )

    @property
    def warm_seconds(self) -> float:
        """The time without that of first calls."""
        return max(0.0, self.seconds - self.first_seconds)

    @property
    def seconds_per_call(self) -> float | None:
        """The mean time of a call; None if only first calls are known."""
        calls = self.calls - self.first_calls
        return self.warm_seconds / calls if calls > 0 else None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Recorded sizes and dtype of a call. shapes: None if the sizes give them."""

    sizes: Sizes
    shapes: Shapes | None
    dtype: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run a call and its replacement.

    shapes: shapes of the operands; None if the sizes give them, that is, where nothing broadcasts
        and `...` is one axis.
    recorded: how often a trace has this case; None without a trace.
    origin: where its sizes come from; None for the sizes of einlint's own tests.
    """

    sizes: Sizes
    dtype: str
    device: str
    mode: Mode
    shapes: Shapes | None = None
    recorded: Recorded | None = None
    origin: Origin | None = None
