"""Verdicts on synthetic timings, whose true ratio and noise are known."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from einlint.verify.report import Verdict
from einlint.verify.verdict import FEWEST_PAIRS, MARGIN, speedup_of, verdict_of

TRIALS = 2000
Noise = Callable[[random.Random], float]

NOISES: dict[str, Noise] = {
    "quiet": lambda source: source.lognormvariate(0, 0.01),
    "noisy": lambda source: source.lognormvariate(0, 0.2),
    "interrupted": lambda source: (
        source.lognormvariate(0, 0.02) * (10 if source.random() < 0.2 else 1)
    ),
    "two speeds": lambda source: source.choice((1.0, 1.5)) * source.lognormvariate(0, 0.02),
}


def verdicts(ratio: float, noise: Noise, pairs: int, seed: int) -> Counter[Verdict]:
    """What comes of TRIALS measurements of a replacement that is `ratio` times as fast."""
    source = random.Random(seed)

    def times(seconds: float) -> list[float]:
        return [seconds * noise(source) for _ in range(pairs)]

    return Counter(verdict_of(speedup_of(times(ratio), times(1.0))) for _ in range(TRIALS))


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("pairs", [FEWEST_PAIRS, 17, 41])
def test_the_same_speed_is_hardly_ever_called_another(noise: Noise, pairs: int) -> None:
    found = verdicts(1.0, noise, pairs, seed=pairs)
    assert found[Verdict.FASTER] + found[Verdict.SLOWER] < TRIALS / 100, found


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("pairs", [FEWEST_PAIRS, 17, 41])
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
    few = [1.0] * (FEWEST_PAIRS - 1)
    assert speedup_of([2.0 * each for each in few], few) is None
    assert verdict_of(None) is Verdict.UNSURE


def test_the_median_lies_in_its_interval() -> None:
    times = [1.0 + number / 100 for number in range(20)]
    speedup = speedup_of(times, [1.0] * 20)
    assert speedup is not None
    # Of 20 pairs three may be left out at either end: P(B(20, 1/2) <= 3) = 0.13 %.
    assert (speedup.low, speedup.high) == (times[3], times[16])
    assert speedup.low < speedup.median < speedup.high
