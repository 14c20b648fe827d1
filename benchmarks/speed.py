"""Measure how fast einlint is, beside ripgrep, ruff, TorchFix and flake8.

    python benchmarks/speed.py [--rounds 5] [--folder DIR] [--only TEXT] [--write]

The tree is that of two wheels, transformers and torch, which pip downloads; nothing of them is
run. The first run makes four environments and takes some minutes. Instructions are counted where
valgrind is installed.

All programs run in turn, round after round, so that other work on the machine meets all of them.
Time is CPU time of a program and its processes; a ratio is the median of the ratios of the rounds.
`--write` writes speed.json, speed.svg, and the table in speed.md, all in docs/explanation.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from speed_report import picture, table
from speed_tree import ROOT, Places, places

TO_DOCS = ("docs/explanation/speed.json", "docs/explanation/speed.svg", "docs/explanation/speed.md")


@dataclass(frozen=True, slots=True)
class Case:
    """A command, and the case that it is compared with."""

    name: str
    command: tuple[str, ...]
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: CPU and wall time in seconds, and the peak of memory in MB."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True, slots=True)
class Result:
    """The medians of a case; ratios to the case that it is compared with.

    instructions: in millions, for a start; None where valgrind does not count.
    """

    name: str
    cpu: float
    wall: float
    peak: float
    beside: str | None = None
    cpu_ratio: float | None = None
    wall_ratio: float | None = None
    peak_ratio: float | None = None
    instructions: int | None = None


def cases(on: Places) -> Iterator[Case]:
    """All of them, those first that others are compared with."""
    tree, quiet, some = str(on.tree), str(on.quiet), tuple(map(str, on.some))
    einlint = (str(on.einlint / "python"), "-m", "einlint", "--isolated")
    ruff = (str(on.flake8 / "ruff"), "check", "--isolated", "--no-cache", "--quiet")
    ripgrep = (str(on.ripgrep / "rg"), "--no-ignore", "--files-with-matches", "einsum")
    python = str(on.einlint / "python")
    yield Case("ripgrep", (*ripgrep, tree))
    yield Case("ripgrep, no hit", (*ripgrep, quiet))
    yield Case("python loop, no hit", (python, "-c", LOOP, quiet), "ripgrep, no hit")
    yield Case("einlint, no hit", (*einlint, quiet), "ripgrep, no hit")
    yield Case("ruff, one rule", (*ruff, "--select", "NPY201", tree))
    yield Case("ruff, its default rules", (*ruff, tree), "ruff, one rule")
    yield Case("einlint -j 1", (*einlint, "-j", "1", tree), "ruff, one rule")
    yield Case("einlint -j 1, einsum calls only", _calls_only(einlint, tree), "ruff, one rule")
    yield Case("einlint", (*einlint, tree), "ruff, one rule")
    yield Case("einlint --diff", (*einlint, "-j", "1", "--diff", tree), "ruff, one rule")
    yield Case("einlint, 60 files", (*einlint, "-j", "1", *some))
    torchfix = (str(on.torchfix / "torchfix"), "--select", "ALL", *some)
    yield Case("TorchFix, 60 files", torchfix, "einlint, 60 files")
    some_of_all = tuple(map(str, on.any))
    yield Case("flake8, every 20th file", _flake8(on.flake8, some_of_all))
    with_plugin = _flake8(on.einlint, some_of_all)
    yield Case("flake8 with einlint", with_plugin, "flake8, every 20th file")
    yield Case("ruff, 5 MB of data", (*ruff, "--select", "NPY201", str(on.data)))
    yield Case("einlint, 5 MB of data", (*einlint, str(on.data)), "ruff, 5 MB of data")
    yield Case("start: python", (python, "-c", "pass"))
    yield Case("start: python with click", (python, "-c", "import click"))
    yield Case("start: einlint, no einsum", (*einlint, str(on.plain)), "start: python with click")
    yield Case("start: einlint, one call", (*einlint, str(on.call)), "start: python with click")


# What Python takes at least: to open each file, to read it, and to search it.
LOOP = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb", buffering=0) as file:
            b"einsum" in file.read()
"""


def _calls_only(einlint: tuple[str, ...], tree: str) -> tuple[str, ...]:
    return (*einlint, "-j", "1", "--select", "EIN0,EIN1", tree)


def _flake8(programs: Path, files: tuple[str, ...]) -> tuple[str, ...]:
    return (str(programs / "python"), "-m", "flake8", "--isolated", "-j", "1", *files)


# Runs a command and prints what it used. A process of its own, because the peak of memory of a new
# process starts with that of the one that made it.
USED = """
import os, sys, time
start = time.perf_counter()
nowhere = [(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_WRONLY, 0) for each in (1, 2)]
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=nowhere)
_, status, used = os.wait4(process, 0)
wall = time.perf_counter() - start
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, wall, used.ru_maxrss)
"""


def run(command: tuple[str, ...]) -> Sample:
    """Run a command; findings are no errors."""
    helper = (sys.executable, "-I", "-S", "-c", USED, *command)
    done = subprocess.run(helper, cwd="/", capture_output=True, text=True, check=True)
    code, cpu, wall, peak = map(float, done.stdout.split())
    if code not in (0, 1):
        raise SystemExit(f"exit code {code:.0f}: {' '.join(command)[:300]}")
    return Sample(cpu, wall, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def instructions(command: tuple[str, ...]) -> int | None:
    """The instructions of a command in millions, as valgrind counts them."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    counting = (valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null")
    done = subprocess.run((*counting, *command), cwd="/", capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return None if found is None else round(int(found[1]) / 1e6)


def flake8_with_plugin(on: Places) -> str:
    """The time of flake8 with the plugin by that without it, as one process tells it."""
    share = (str(on.einlint / "python"), str(ROOT / "benchmarks/flake8_share.py"))
    command = (*share, "--every", "20", str(on.tree))
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    return done.stdout.rpartition(": ")[2].strip()


def measured(chosen: list[Case], rounds: int) -> list[Result]:
    """The results, after a round that is not counted: it fills caches."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in chosen}
    for number in range(rounds + 1):
        for each in chosen:
            sample = run(each.command)
            print(f"round {number}: {each.name}: {sample.cpu:.2f} s CPU", file=sys.stderr)
            if number:
                samples[each.name].append(sample)
    return [_result(each, samples) for each in chosen]


def _result(case: Case, samples: dict[str, list[Sample]]) -> Result:
    own, others = samples[case.name], samples.get(case.beside or "", [])
    ratios = [
        statistics.median(getattr(one, key) / getattr(other, key) for one, other in pairs)
        for key in ("cpu", "wall", "peak")
        if (pairs := list(zip(own, others, strict=False)))
    ] or [None] * 3
    medians = (statistics.median(getattr(each, key) for each in own) for key in Sample.__slots__)
    counted = instructions(case.command) if case.name.startswith("start:") else None
    return Result(case.name, *medians, case.beside, *ratios, counted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "einlint-speed"
    )
    parser.add_argument("--only", help="cases whose names hold this text, and what they need")
    parser.add_argument("--write", action="store_true", help="write the files in docs")
    given = parser.parse_args()
    on = places(given.folder)
    known = list(cases(on))
    named = {each.name for each in known if (given.only or "") in each.name}
    named |= {each.beside for each in known if each.name in named and each.beside}
    results = measured([each for each in known if each.name in named], given.rounds)
    about = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "rounds": given.rounds,
        "files": sum(1 for _ in on.tree.rglob("*.py*")),
        "load": os.getloadavg()[0],
    }
    if any("flake8" in each for each in named):
        about["flake8 with / without, in one process"] = flake8_with_plugin(on)
    text = table(results, about)
    print(text)
    if given.write:
        data, svg, page = (ROOT / name for name in TO_DOCS)
        content = {"about": about, "results": [asdict(each) for each in results]}
        data.write_text(json.dumps(content, indent=2) + "\n")
        svg.write_text(picture(results))
        before, _, rest = page.read_text().partition("<!-- table -->\n")
        _, _, after = rest.partition("<!-- end -->\n")
        page.write_text(f"{before}<!-- table -->\n{text}\n<!-- end -->\n{after}")


if __name__ == "__main__":
    main()
