"""Count verdicts that change when the same cases are verified several times.

    python benchmarks/verdicts.py [--times N] [OPTION OF VERIFY ...] PATH...

Exit code 1 if a case is once faster and once slower; changes to unsure are only counted.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise

Verdicts = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=2)
    known, options = parser.parse_known_args()
    runs = [_verdicts(options) for _ in range(known.times)]
    changes = changed(runs)
    for (before, after), count in sorted(changes.items()):
        print(f"{before} > {after}: {count}")
    flips = changes["faster", "slower"] + changes["slower", "faster"]
    print(f"{len(runs)} runs of {len(runs[0])} cases: {flips} between faster and slower")
    return 1 if flips else 0


def changed(runs: list[Verdicts]) -> Counter[tuple[str, str]]:
    """(Verdict of a run, verdict of the next run) -> number of cases."""
    return Counter(
        (before[case], after[case])
        for before, after in pairwise(runs)
        for case in before.keys() & after.keys()
        if before[case] != after[case]
    )


def _verdicts(options: list[str]) -> Verdicts:
    command = (sys.executable, "-m", "einlint", "verify", "--format", "json", *options)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return {
        json.dumps(
            (each["equation"], each["replacement"], case["sizes"], case["dtype"], case["mode"])
        ): case["verdict"]
        for each in json.loads(done.stdout)["results"]
        for case in each["cases"]
    }


if __name__ == "__main__":
    sys.exit(main())
