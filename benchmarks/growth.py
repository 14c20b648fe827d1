"""Measure how the time of a check, and of a fix, grows with each part of a file.

    python benchmarks/growth.py [--seconds 1] [--fix] [NAME...]

Each generator in `growing.py` writes sources that differ in one number, which is doubled until a
run takes so many seconds of CPU time. Printed are the last number, the seconds there, and the
exponent over the last two doublings: 1 is linear, 2 quadratic. The exit code is 1 if an exponent
is above 1.3 where the seconds are more than a tenth of the limit: below, it is mostly noise.
"""

import argparse
import sys
import time
from collections.abc import Callable
from inspect import getdoc, isfunction
from math import log2
from typing import Final

import growing

from einlint.diagnostics import Applicability
from einlint.linting.documents import Document, Script
from einlint.linting.engine import read_text
from einlint.linting.findings import Findings
from einlint.notebook.notebook import read_notebook
from einlint.settings import Settings

SETTINGS: Final = Settings(select=("ALL",), pedantic=True, annotate=True)
HIGHEST: Final = 1.3
FIRST: Final = 8


def main() -> None:
    """Print a row for each generator."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--fix", action="store_true", help="measure --unsafe-fixes too")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    makers = {name: each for name, each in vars(growing).items() if isfunction(each)}
    for each in ("pairwise", "notebook"):
        makers.pop(each, None)
    chosen = options.names or list(makers)
    too_steep = []
    seconds_of(growing.calls(1), "fix")  # imports what is needed
    print("| what grows | run | number | seconds | exponent |\n|---|---|---|---|---|")
    for name in chosen:
        for verb in ("check", "fix") if options.fix else ("check",):
            number, seconds, exponent = growth(makers[name], verb, options.seconds)
            what = (getdoc(makers[name]) or name).rstrip(".")
            row = f"| {name}: {what} | {verb} | {number} | {seconds:.2f} | {exponent:.2f} |"
            print(row, flush=True)
            if exponent > HIGHEST and seconds > options.seconds / 10:
                too_steep.append(f"{name} ({verb})")
    print(f"\nabove {HIGHEST}: {', '.join(too_steep) or 'none'}")
    sys.exit(bool(too_steep))


def growth(make: Callable[[int], str], verb: str, limit: float) -> tuple[int, float, float]:
    """The last number, its seconds, and the exponent over the last two doublings."""
    number, taken = FIRST, [seconds_of(make(FIRST), verb) or 0.0]
    while taken[-1] < limit and make(2 * number) != make(number):
        seconds = seconds_of(make(2 * number), verb)
        if seconds is None:  # nested more deeply than Python's parser takes
            break
        number *= 2
        taken.append(seconds)
    doublings = min(2, len(taken) - 1)
    steps = log2(taken[-1] / taken[-1 - doublings])
    return number, taken[-1], steps / max(1, doublings)


def seconds_of(source: str, verb: str) -> float | None:
    """The CPU seconds of one run; None if Python cannot parse the source."""
    document = document_of(source)
    start = time.process_time()
    if verb == "fix":
        found = document.fix(SETTINGS, Applicability.UNSAFE).remaining
    else:
        found = document.check(SETTINGS)
    seconds = time.process_time() - start
    return None if any(each.code == "EIN000" for each in found.diagnostics) else seconds


def document_of(source: str) -> Document:
    """The script, or the notebook."""
    if source.startswith("{"):
        notebook = read_notebook("growing.ipynb", source.encode(), SETTINGS)
        assert not isinstance(notebook, Findings)
        return notebook
    read = read_text("growing.py", source, SETTINGS)
    assert not isinstance(read, Findings)
    return Script(read)


if __name__ == "__main__":
    main()
