"""Test einlint on public code: print a table with a row for each source.

    python benchmarks/real_code.py FOLDER...

Every folder is one source; it is not changed. Its files are checked in this process with all rules
on, and compared with an independent count of torch.einsum calls. Every fix is run against its call
on tensors (see `cases.py`). A copy of the files is fixed by the command line with --fix, then with
--unsafe-fixes, each twice. The exit code is 1 if "wrong" or any column from "not seen" on is not 0.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from applied import applied
from checked import Counts, look_at
from executed import distinct

from einlint.diagnostics import Applicability

COLUMNS = {
    "source": "",
    "files": "with Python code",
    "einsum": "files with the word in them",
    "calls": "of torch.einsum with a literal equation, counted by `ast` alone",
    "default": "findings without any option",
    "findings": "of all rules but EIN301, with --pedantic",
    "safe": "fixes",
    "unsafe": "fixes",
    "shown": "replacements that are only shown",
    "run": "fixes run on tensors against their call",
    "wrong": "fixes with another value, shape, dtype, gradient or layout, or broken surroundings",
    "not seen": "calls that einlint does not know",
    "crashes": "in this process or of the command line",
    "broken": "files that cannot be parsed after a fix",
    "unsettled": "files that the same fix changes again",
}
FAULTS = ("missed", "wrong", "crashes", "unreadable", "unsettled")


def main() -> None:
    """Print a row for each source as soon as it is done, then the totals and all faults."""
    start = time.perf_counter()
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    everything = Counts()
    for folder in map(Path, sys.argv[1:]):
        counts = counts_of(folder)
        print(row(folder.name, counts), flush=True)
        everything = total((everything, counts))
    print(row("**all**", everything))
    print(f"\n{', '.join(details(everything))}, {time.perf_counter() - start:.0f} seconds")
    for line in reports(everything):
        print(line)
    sys.exit(any(getattr(everything, name) for name in FAULTS))


def counts_of(folder: Path) -> Counts:
    """All counts for one source."""
    counts = Counts()
    files = []
    for path in sorted(folder.rglob("*.py*")):
        if path.suffix not in {".py", ".pyi"} or not path.is_file():
            continue
        data = path.read_bytes()
        look_at(f"{folder.name}/{path.relative_to(folder).as_posix()}", data, counts)
        if b"einsum" in data:
            files.append(path)
    with tempfile.TemporaryDirectory() as place:
        result = applied(files, folder, Path(place))
    counts.crashes += result.failures
    counts.unreadable += [f"{folder.name}/{name}" for name in result.unreadable]
    counts.unsettled += [f"{folder.name}/{name}" for name in result.unsettled]
    return counts


def total(parts: Sequence[Counts]) -> Counts:
    """The sums of all counts, and all lists joined."""
    first, *others = parts
    for each in others:
        for one in fields(Counts):
            setattr(first, one.name, getattr(first, one.name) + getattr(each, one.name))
    return first


def row(name: str, counts: Counts) -> str:
    """One row of the table."""
    last_resort = counts.codes["EIN301"]
    fixes = [counts.fixes[each] for each in reversed(Applicability)]
    cells: Iterable[object] = (
        *(name, counts.files, counts.mentions, counts.calls),
        *(counts.defaults, counts.codes.total() - last_resort, *fixes, counts.executed),
        *(len(counts.wrong), len(counts.missed), len(counts.crashes)),
        *(len(counts.unreadable), len(counts.unsettled)),
    )
    return f"| {' | '.join(map(str, cells))} |"


def details(counts: Counts) -> Iterator[str]:
    """Findings by code, and the number of different fixes that were run."""
    codes: Counter[str] = counts.codes
    yield from (f"{code} {codes[code]}" for code in sorted(codes))
    yield f"{distinct()} different fixes"


def reports(counts: Counts) -> Iterator[str]:
    """One line for each fault, and for each fix that could not be run."""
    for name in (*FAULTS, "skipped"):
        yield from (f"{name}: {text}" for text in getattr(counts, name))


if __name__ == "__main__":
    main()
