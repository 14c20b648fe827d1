"""Verdicts on synthetic timings, whose true ratio and noise are known."""

import random
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from einlint.verify.report import Verdict
from einlint.verify.timing import FEWEST_VISITS, Block, Clock, Samples
from einlint.verify.verdict import MARGIN, PROCESSES, busy_share, clock_of, speedup_of, verdict_of

TRIALS = 2000
MORE_VISITS = (FEWEST_VISITS, 16, 41)
Noise = Callable[[random.Random], float]

NOISES: dict[str, Noise] = {
    "quiet": lambda source: source.lognormvariate(0, 0.01),
    "noisy": lambda source: source.lognormvariate(0, 0.2),
    "interrupted": lambda source: (
        source.lognormvariate(0, 0.02) * (10 if source.random() < 0.2 else 1)
    ),
    "two speeds": lambda source: source.choice((1.0, 1.5)) * source.lognormvariate(0, 0.02),
}


def samples(times: Iterable[float], waiting: float = 0.0) -> Samples:
    """Visits of one block of one call; for so many seconds of each others had the CPU."""
    return tuple((Block(1, seconds + waiting, seconds),) for seconds in times)


def verdicts(ratio: float, noise: Noise, pairs: int, seed: int) -> Counter[Verdict]:
    """What comes of TRIALS measurements of a replacement that is `ratio` times as fast."""
    source = random.Random(seed)

    def times(seconds: float) -> Samples:
        return samples(seconds * noise(source) for _ in range(pairs))

    return Counter(verdict_of(speedup_of(times(ratio), times(1.0))) for _ in range(TRIALS))


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("pairs", MORE_VISITS)
def test_the_same_speed_is_hardly_ever_called_another(noise: Noise, pairs: int) -> None:
    found = verdicts(1.0, noise, pairs, seed=pairs)
    assert found[Verdict.FASTER] + found[Verdict.SLOWER] < TRIALS / 100, found


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("pairs", MORE_VISITS)
@pytest.mark.parametrize(
    ("ratio", "wrong"), [(MARGIN, Verdict.FASTER), (1 / MARGIN, Verdict.SLOWER)]
)
def test_nor_at_the_very_edge_of_the_margin(
    noise: Noise, pairs: int, ratio: float, wrong: Verdict
) -> None:
    found = verdicts(ratio, noise, pairs, seed=pairs + 1)
    assert found[wrong] < TRIALS / 100, found


@pytest.mark.parametrize(
    ("ratio", "noise", "expected"),
    [
        (1.5, "noisy", Verdict.FASTER),
        (1 / 1.5, "noisy", Verdict.SLOWER),
        (1.2, "interrupted", Verdict.FASTER),
        (1 / 1.2, "interrupted", Verdict.SLOWER),
        (1.0, "quiet", Verdict.SAME),
    ],
)
def test_what_can_be_seen_is_seen(ratio: float, noise: str, expected: Verdict) -> None:
    found = verdicts(ratio, NOISES[noise], pairs=41, seed=7)
    assert found[expected] > TRIALS * 0.9, found


def test_too_much_noise_or_too_few_pairs_leave_it_open() -> None:
    found = verdicts(1.0, NOISES["two speeds"], pairs=17, seed=3)
    assert found[Verdict.UNSURE] > TRIALS * 0.9, found
    few = samples([1.0] * (FEWEST_VISITS - 1))
    assert speedup_of(few, few) is None
    assert verdict_of(None) is Verdict.UNSURE


def test_the_median_lies_in_its_interval() -> None:
    times = [1.0 + number / 100 for number in range(20)]
    speedup = speedup_of(samples(times), samples([1.0] * 20))
    assert speedup is not None
    # Of 20 visits three may be left out at either end: P(B(20, 1/2) <= 3) = 0.13 %.
    assert (speedup.low * PROCESSES, speedup.high / PROCESSES) == (times[3], times[16])
    assert speedup.low < speedup.median < speedup.high


def test_a_visit_counts_by_its_mean_call() -> None:
    """A median would not see that one block in three is interrupted."""
    visit = tuple(Block(2, wall) for wall in (2.0, 2.0, 8.0))
    speedup = speedup_of((visit,) * 8, samples([1.0] * 8))
    assert speedup is not None
    assert speedup.median == 2.0


def test_where_others_keep_the_machine_busy_the_time_of_the_cpu_counts() -> None:
    quiet, busy = samples([3.0] * 8), samples([3.0] * 8, waiting=6.0)
    fast = samples([1.0] * 8)
    assert (busy_share(quiet, fast), clock_of(quiet, fast)) == (0, Clock.WALL)
    assert busy_share(busy, fast) == pytest.approx(0.6)
    clock = clock_of(busy, fast)
    assert clock is Clock.CPU
    by_cpu, by_wall = speedup_of(busy, fast, clock), speedup_of(busy, fast)
    assert by_cpu is not None
    assert by_wall is not None
    assert (by_cpu.median, by_wall.median) == (3.0, 9.0)


def test_without_the_time_of_the_cpu_nobody_knows_who_was_busy() -> None:
    blocks = ((Block(1, 1.0),),) * 8
    assert busy_share(blocks, blocks) is None
    assert clock_of(blocks, blocks) is Clock.WALL
    assert speedup_of(blocks, blocks, Clock.CPU) is None
