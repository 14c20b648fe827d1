"""Draw where the best spelling changes, for docs/how-to/bench.md: about two minutes.

    python benchmarks/crossovers.py

It writes crossover-attention.svg and crossover-shared-matrix.svg there, and prints the table of
each. The same numbers come from `einlint bench` with the options that it prints.
"""

import os
from pathlib import Path

import torch

from einlint.algebra.equation import parse
from einlint.verify.bench.formats.text import heading, render
from einlint.verify.bench.grid import sweep_named
from einlint.verify.bench.plan import plan_of
from einlint.verify.case import Mode
from einlint.verify.page.crossover import crossover_file
from einlint.verify.running.backends.cpu import BACKEND
from einlint.verify.running.bench import BenchMachine, bench_job, run_bench

DOCS = Path(__file__).parent.parent / "docs" / "how-to"
PICTURES = (
    ("crossover-attention", "bhqd,bhkd->bhqk", {"b": 2, "h": 8, "d": 64}, "qk=16..1024:7"),
    ("crossover-shared-matrix", "ij,bjk->bik", {"b": 1024, "i": 64, "j": 64}, "k=1..64:7"),
)
SECONDS = 55.0


def main() -> None:
    os.environ["KINETO_LOG_LEVEL"] = "99"  # else torch prints each start of its profiler
    for name, equation, sizes, sweep in PICTURES:
        given = ",".join(f"{label}={size}" for label, size in sizes.items())
        print(f'einlint bench "{equation}" --size {given} --sweep {sweep} --threads 1\n')
        draw(DOCS / f"{name}.svg", equation, sizes, sweep)


def draw(path: Path, equation: str, sizes: dict[str, int], sweep: str) -> None:
    """Measure on one thread of the CPU, print the table and write the picture."""
    plan = plan_of(parse(equation), sizes, sweep_named(sweep))
    machine = BenchMachine(torch.device("cpu"), BACKEND, threads=1, budget=SECONDS)
    job = bench_job([plan], ("float32",), (Mode.FORWARD,), machine)
    report = run_bench(job, [plan])
    print(render(report), flush=True)
    (series,) = report.equations[0].series
    title = f"{heading(equation, series)}, torch {torch.__version__}"
    path.write_text(crossover_file(title, series) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
