"""Time the sides of several cases in turn: blocks of calls, in rounds, in visits spread over time.

- A block is a number of calls that takes about half a millisecond, with its own number for each
  side: less than the slice of a scheduler, so that an interruption hits both sides alike.
- A round is one block of every side; the next round starts with the next side, so that drift hits
  all sides alike.
- A visit is some rounds of one case. Between two visits of a case the other cases have theirs:
  whatever lasts for a while, such as another clock rate, ends in few of them.

benchmarks/verdict_simulation.py runs this code on a machine that it makes up, to count how often
the interval of a ratio (`einlint/verify/verdict.py`) contains the true one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

_BLOCK_SECONDS: Final = 0.0005
_VISITS: Final = 16
FEWEST_VISITS: Final = 8
"""With fewer visits there is no interval for a ratio."""
_VISIT_SECONDS: Final = 0.02
# All cases together: noise that lasts a tenth of a second is then another one in each visit.
_SWEEP_SECONDS: Final = 0.1
# After this time for one side, a case has only as many visits as an interval needs.
_SIDE_SECONDS: Final = 1.5
_CALIBRATIONS: Final = 3
# A first call that takes so many blocks is not one that only has to warm up.
_SLOW: Final = 40


class Clock(StrEnum):
    """What measures a block."""

    WALL = "wall"
    CPU = "cpu"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Block:
    """The seconds that a number of calls took together.

    wall: on the clock of the host. cpu: of the thread that ran them, without the time in which it
    waited for the CPU; None where other threads or a device do the work. device: between two events
    on the device; None where there are none. between: on the clock of the host, in which the calls
    were prepared and not timed, such as to empty a cache; then only the device timed them, and
    `wall` is its time too. None where calls follow each other.
    """

    calls: int
    wall: float
    cpu: float | None = None
    device: float | None = None
    between: float | None = None

    @property
    def spent(self) -> float:
        """All the seconds that it took to have this block."""
        return self.wall + (self.between or 0.0)

    def on(self, clock: Clock) -> float | None:
        """The seconds on a clock; None if it did not run."""
        match clock:
            case Clock.WALL:
                return self.wall
            case Clock.CPU:
                return self.cpu
        return self.device


TimeBlock: TypeAlias = Callable[[int], Block]
"""Runs one side so many times."""

Samples: TypeAlias = tuple[tuple[Block, ...], ...]
"""The blocks of one side, by visit."""


@dataclass(slots=True)
class Sampling:
    """The blocks of one case, so far.

    sides: what is timed. calls: of a block of every side. call_seconds: of one call of each,
    together. round_seconds: of a block of each.
    """

    sides: Sequence[TimeBlock]
    calls: tuple[int, ...] = field(init=False)
    call_seconds: float = field(init=False)
    round_seconds: float = field(init=False)
    _visits: list[tuple[tuple[Block, ...], ...]] = field(default_factory=list, init=False)
    _rounds: int = field(default=0, init=False)
    _seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Warm up every side, and find out how many calls make a block of it."""
        found = [_calls_of(side) for side in self.sides]
        self.calls = tuple(calls for calls, _ in found)
        self.call_seconds = sum(seconds for _, seconds in found)
        self.round_seconds = sum(calls * seconds for calls, seconds in found)

    @property
    def is_done(self) -> bool:
        """Whether it needs no further visit."""
        visits = len(self._visits)
        is_slow = self._seconds > _SIDE_SECONDS * len(self.sides)
        return visits >= _VISITS or (visits >= FEWEST_VISITS and is_slow)

    @property
    def seconds_needed(self) -> float:
        """About how long its visits take."""
        fewest = FEWEST_VISITS * max(_VISIT_SECONDS, self.round_seconds)
        most = _VISITS * max(_VISIT_SECONDS, self.round_seconds)
        return max(fewest, min(most, _SIDE_SECONDS * len(self.sides)))

    @property
    def has_interval(self) -> bool:
        """Whether it had the visits that an interval needs."""
        return len(self._visits) >= FEWEST_VISITS

    def visit(self, seconds: float) -> None:
        """Time as many rounds as fit into some seconds, one at least."""
        rounds = max(1, int(seconds / self.round_seconds))
        made = [self._round() for _ in range(rounds)]
        self._seconds += sum(block.spent for blocks in made for block in blocks)
        self._visits.append(tuple(zip(*made, strict=True)))

    def samples(self) -> tuple[Samples, ...]:
        """The blocks of every side."""
        return tuple(zip(*self._visits, strict=True))

    def _round(self) -> tuple[Block, ...]:
        count = len(self.sides)
        blocks: dict[int, Block] = {}
        for place in range(count):
            side = (self._rounds + place) % count
            blocks[side] = self.sides[side](self.calls[side])
        self._rounds += 1
        return tuple(blocks[side] for side in range(count))


def sample(cases: Sequence[Sampling], seconds_left: Callable[[], float]) -> None:
    """Visit all cases in turn until they are done or no time is left."""
    waiting = [case for case in cases if not case.is_done]
    while waiting:
        seconds = max(_VISIT_SECONDS, _SWEEP_SECONDS / len(waiting))
        for case in waiting:
            if seconds_left() <= 0:
                return
            case.visit(seconds)
        waiting = [case for case in waiting if not case.is_done]


def _calls_of(side: TimeBlock) -> tuple[int, float]:
    """How many calls make a block, and the seconds of one."""
    fastest = _each(side(1))
    for _ in range(_CALIBRATIONS):
        if fastest < _BLOCK_SECONDS * _SLOW:
            fastest = min(fastest, _each(side(1)))
    calls = _filling(fastest)
    for _ in range(_CALIBRATIONS):
        if calls == 1:
            break
        # The first guess is made of single calls, which are slower than those in a row.
        fastest = min(fastest, _each(side(calls)))
        calls = _filling(fastest)
    return calls, fastest


def _filling(seconds: float) -> int:
    return max(1, round(_BLOCK_SECONDS / max(seconds, 1e-9)))


def _each(block: Block) -> float:
    """The seconds of a call, without those in which others had the CPU."""
    return (block.spent if block.cpu is None else block.cpu) / block.calls
