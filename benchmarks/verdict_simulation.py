"""Count how often the interval of a ratio contains the true one, on a machine that is made up.

    python benchmarks/verdict_simulation.py [--trials N] [--seed N]

The machine has a clock of its own and runs the code that verify runs (`einlint/verify/timing.py`).
It takes seven true ratios, and calls of 20 us and of 2 ms. It prints a Markdown table of two ways
to measure: the one of verify, and the same number of calls for both sides in blocks of 5 ms, with
an interval for the median ratio of pairs of blocks. `false` counts the verdicts faster and slower
where both sides are equal. `slices`: as many other programs as stand there have the CPU in turn
with ours, for 3 ms each; the first of its rows has the verdict by the wall clock only, as with
several threads, the second the one of verify on one thread, by the CPU time of the thread.
"""

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import cos, exp, inf, pi, sqrt
from random import Random
from statistics import median
from typing import Final, TypeAlias

from einlint.verify.report import Speedup, Verdict
from einlint.verify.timing import Block, Clock, Sampling, sample
from einlint.verify.verdict import clock_of, speedup_of, verdict_of

RATIOS: Final = (1 / 3, 0.9, 1.0, 1.05, 1.3, 2.0, 7.0)
SECONDS: Final = (20e-6, 2e-3)
_SLICE: Final = 0.003
_JITTER: Final = 0.03
_PAIRS: Final = 41

Noise: TypeAlias = Callable[["Machine", int], float]
"""The factor of a block of one side (0: original, 1: replacement)."""


@dataclass(slots=True)
class Machine:
    """A clock, and the noise of what runs on it.

    seconds: of one call of each side without noise. others: how many programs share the CPU.
    """

    noise: Noise
    seconds: tuple[float, float]
    others: int
    random: Random
    now: float = 0.0
    level: float = 0.0
    seen: float = 0.0
    until: float = 0.0
    phase: float = field(init=False)
    slice_left: float = field(init=False)

    def __post_init__(self) -> None:
        """Start anywhere in a period and a slice."""
        self.phase = self.random.uniform(0, 2 * pi)
        self.slice_left = self.random.uniform(0, _SLICE)

    def time_block(self, side: int, calls: int) -> Block:
        """Run one side so many times."""
        cpu = calls * self.seconds[side] * self.noise(self, side)
        wall = cpu + self._waiting(cpu)
        self.now += wall
        return Block(calls, wall, cpu)

    def _waiting(self, cpu: float) -> float:
        """The seconds in which the others run, while ours needs the CPU for so long."""
        waited = 0.0
        while self.others and cpu > self.slice_left:
            cpu -= self.slice_left
            waited += self.others * _SLICE * self.random.uniform(0.8, 1.2)
            self.slice_left = _SLICE * self.random.uniform(0.8, 1.2)
        self.slice_left -= cpu
        return waited

    def jitter(self, deviation: float = _JITTER) -> float:
        """A factor with mean 1 that no other block has."""
        return exp(self.random.gauss(-(deviation**2) / 2, deviation))


def independent(machine: Machine, side: int) -> float:
    return machine.jitter(0.1)


def drifting(machine: Machine, side: int) -> float:
    return (1 + 0.3 * cos(2 * pi * machine.now / 1.3 + machine.phase)) * machine.jitter()


def bursty(machine: Machine, side: int) -> float:
    """Every 60 ms or so, some 10 ms in which all is 1.5 to 4 times slower."""
    if machine.now >= machine.until:
        is_burst = machine.level == 0.0
        machine.level = machine.random.uniform(0.5, 3) if is_burst else 0.0
        mean = 0.01 if is_burst else 0.05
        machine.until = machine.now + machine.random.expovariate(1 / mean)
    return (1 + machine.level) * machine.jitter()


def bimodal(machine: Machine, side: int) -> float:
    return (1.5 if machine.random.random() < 0.3 else 1.0) * machine.jitter()


def correlated(seconds: float, deviation: float, sides: tuple[int, ...]) -> Noise:
    """Noise that is forgotten after some seconds, of some sides."""

    def noise(machine: Machine, side: int) -> float:
        kept = exp(-(machine.now - machine.seen) / seconds) if machine.seen else 0.0
        machine.seen = machine.now
        fresh = sqrt(1 - kept**2) * machine.random.gauss(0, deviation)
        machine.level = kept * machine.level + fresh
        factor = exp(machine.level - deviation**2 / 2) if side in sides else 1.0
        return factor * machine.jitter()

    return noise


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. has_cpu_time: as with one thread on a CPU."""

    name: str
    noise: Noise
    others: int = 0
    has_cpu_time: bool = True


_BOTH, _ONE = (0, 1), (1,)
ROWS: Final = (
    Row("independent", independent),
    Row("drifting", drifting),
    Row("bursty", bursty),
    Row("bimodal", bimodal),
    Row("correlated over 5 ms, both sides", correlated(0.005, 0.2, _BOTH)),
    Row("correlated over 50 ms, both sides", correlated(0.05, 0.2, _BOTH)),
    Row("correlated over 1 s, both sides", correlated(1.0, 0.2, _BOTH)),
    Row("correlated over 5 ms, one side", correlated(0.005, 0.1, _ONE)),
    Row("correlated over 50 ms, one side", correlated(0.05, 0.1, _ONE)),
    Row("correlated over 1 s, one side", correlated(1.0, 0.1, _ONE)),
    *(
        Row(f"slices of {others}, {clock}", independent, others, has_cpu_time)
        for others in (1, 4, 10)
        for clock, has_cpu_time in (("wall clock", False), ("CPU time", True))
    ),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many intervals contain the true ratio, and how wide they are.

    width: the median of high / low. off: the largest median ratio / true ratio, either way.
    """

    trials: int
    contained: int
    equal: int
    false: int
    width: float
    off: float

    def columns(self) -> str:
        share = f"{100 * self.contained / self.trials:.1f} %"
        return f"{share} | {self.false} of {self.equal} | {self.width:.2f} | {self.off:.2f}"


def measured(machine: Machine, has_cpu_time: bool) -> Speedup | None:
    """As verify does it."""

    def side(place: int) -> Callable[[int], Block]:
        def time_block(calls: int) -> Block:
            block = machine.time_block(place, calls)
            return block if has_cpu_time else Block(block.calls, block.wall)

        return time_block

    sampling = Sampling([side(0), side(1)])
    sample([sampling], lambda: inf)
    before, after = sampling.samples()
    return speedup_of(before, after, clock_of(before, after))


def measured_by_equal_calls(machine: Machine, has_cpu_time: bool) -> Speedup | None:
    """Blocks with one number of calls for both sides; the ratios of pairs, by the wall clock."""
    fastest = [min(machine.time_block(side, 1).wall for _ in range(7)) for side in (0, 1)]
    calls = max(1, round(0.005 / max(fastest)))
    sides: tuple[list[tuple[Block, ...]], list[tuple[Block, ...]]] = ([], [])
    start = machine.now
    for turn in range(_PAIRS):
        if machine.now - start > 3 and turn >= 8:
            break
        for side in (turn % 2, 1 - turn % 2):
            sides[side].append((machine.time_block(side, calls),))
    return speedup_of(tuple(sides[0]), tuple(sides[1]), Clock.WALL)


def counts(
    row: Row, way: Callable[[Machine, bool], Speedup | None], trials: int, seed: int
) -> Counts:
    """Run the trials of one row."""
    random = Random(f"{seed} {row.name}")
    contained = equal = false = done = 0
    widths, offs = [], []
    for seconds in SECONDS:
        for ratio in RATIOS:
            found = []
            for _ in range(trials):
                machine = Machine(row.noise, (ratio * seconds, seconds), row.others, random)
                speedup = way(machine, row.has_cpu_time)
                assert speedup is not None
                done += 1
                contained += speedup.low <= ratio <= speedup.high
                widths.append(speedup.high / speedup.low)
                found.append(speedup.median / ratio)
                if ratio == 1:
                    equal += 1
                    false += verdict_of(speedup) in (Verdict.FASTER, Verdict.SLOWER)
            offs.append(median(found))
    off = max(max(each, 1 / each) for each in offs)
    return Counts(done, contained, equal, false, median(widths), off)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=100, help="of each ratio and call")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    columns = "contained | false | width | off"
    print(f"| noise | verify: {columns} | equal calls: {columns} |")
    print(f"|---|{'---|' * 8}")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            [pool.submit(counts_of, place, way, options.trials, options.seed) for way in (0, 1)]
            for place in range(len(ROWS))
        ]
        for row, pair in zip(ROWS, jobs, strict=True):
            texts = " | ".join(job.result().columns() for job in pair)
            print(f"| {row.name} | {texts} |", flush=True)


def counts_of(place: int, way: int, trials: int, seed: int) -> Counts:
    """The counts of a row by its place, for another process."""
    return counts(ROWS[place], (measured, measured_by_equal_calls)[way], trials, seed)


if __name__ == "__main__":
    main()
