"""Measure how much of flake8's time the plugin takes, within one process.

    python benchmarks/flake8_share.py [--every 20] FOLDER

Two runs of flake8, with and without the plugin, differ by more than the plugin takes wherever other
programs run. So its calls are timed in one run: CPU time, with all that they import. Printed are
the seconds of flake8 and of the plugin, and the ratio of flake8 with it to flake8 without it. What
flake8 finds is not shown.
"""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from flake8.main.cli import main as flake8

START = time.process_time()
from einlint.flake8 import Plugin, Violation  # noqa: E402 -- its import is a part of its time

LOADED = time.process_time() - START


def main() -> None:
    """Print the seconds and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1, help="take every so many files")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    files = sorted(map(str, options.folder.rglob("*.py")))[options.every - 1 :: options.every]
    seconds = [LOADED]
    run = Plugin.run

    def timed(plugin: Plugin) -> Iterator[Violation]:
        start = time.process_time()
        found = [*run(plugin)]
        seconds.append(time.process_time() - start)
        yield from found

    Plugin.run = timed  # type: ignore[assignment, method-assign]
    start = time.process_time()
    flake8(["--isolated", "-j", "1", "--exit-zero", f"--output-file={os.devnull}", *files])
    whole, own = time.process_time() - start + LOADED, sum(seconds)
    print(f"{len(files)} files: flake8 {whole:.2f} s, of which einlint {own:.2f} s")
    print(f"with / without: {whole / (whole - own):.4f}")


if __name__ == "__main__":
    main()
