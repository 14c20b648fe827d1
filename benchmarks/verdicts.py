"""Verify the same cases several times, and compare what is reported.

    python benchmarks/verdicts.py [--times N] [--busy N] [OPTION OF VERIFY ...] PATH...

--busy starts so many processes that need a CPU all the time. For every case it prints the smallest
and the largest ratio; then how far these are apart, how many pairs of intervals overlap, and which
verdicts change. Exit code 1 if a case is once faster and once slower.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import combinations, pairwise


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report says of one case."""

    verdict: str
    ratio: float
    low: float
    high: float


Cases = dict[str, Reported]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--busy", type=int, default=0)
    known, options = parser.parse_known_args()
    with ExitStack() as stack:
        for _ in range(known.busy):
            stack.enter_context(busy_process())
        runs = [_cases(options) for _ in range(known.times)]
    common = [case for case in runs[0] if all(case in run for run in runs)]
    apart, overlapping, pairs = 1.0, 0, 0
    for case in common:
        found = [run[case] for run in runs]
        low, high = min(each.ratio for each in found), max(each.ratio for each in found)
        apart = max(apart, high / low)
        for one, other in combinations(found, 2):
            pairs += 1
            overlapping += one.low <= other.high and other.low <= one.high
        print(f"{low:8.2f} to {high:8.2f}  {high / low - 1:5.1%}  {case}")
    print(f"ratios of one case: at most {apart - 1:.1%} apart")
    print(f"intervals that overlap: {overlapping} of {pairs} pairs")
    changes = changed(runs)
    for (before, after), count in sorted(changes.items()):
        print(f"{before} > {after}: {count}")
    flips = changes["faster", "slower"] + changes["slower", "faster"]
    print(f"{len(runs)} runs of {len(common)} cases: {flips} between faster and slower")
    return 1 if flips else 0


def changed(runs: list[Cases]) -> Counter[tuple[str, str]]:
    """(Verdict of a run, verdict of the next run) -> number of cases."""
    return Counter(
        (before[case].verdict, after[case].verdict)
        for before, after in pairwise(runs)
        for case in before.keys() & after.keys()
        if before[case].verdict != after[case].verdict
    )


@contextmanager
def busy_process() -> Iterator[None]:
    """A process that needs a CPU all the time."""
    process = subprocess.Popen((sys.executable, "-c", "while True: pass"))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _cases(options: list[str]) -> Cases:
    command = (sys.executable, "-m", "einlint", "verify", "--format", "json", *options)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return {
        f"{each['replacement']} {case['sizes']} {case['dtype']} {case['mode']}": Reported(
            case["verdict"],
            case["speedup"]["median"],
            case["speedup"]["low"],
            case["speedup"]["high"],
        )
        for each in json.loads(done.stdout)["results"]
        for case in each["cases"]
        if case["speedup"] is not None
    }


if __name__ == "__main__":
    sys.exit(main())
