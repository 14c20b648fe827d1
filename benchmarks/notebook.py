"""Verify the equations of the example notebook at their sizes, and print a table.

    python benchmarks/notebook.py

Each call of fixtures/notebooks/einsum_basics.py runs at the sizes that the code shows, against the
replacement of its fix, and so does a call whose replacement is slower: a matrix times many narrow
ones. CPU, one thread, float32; the ratios are time of einsum / time of the replacement, with their
99 % intervals.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch

from einlint.linting.engine import check
from einlint.settings import Settings
from einlint.source.file import in_memory
from einlint.verify.case import Mode
from einlint.verify.found_rewrites import FoundRewrite, rewrites_in
from einlint.verify.quantities import sizes_text
from einlint.verify.report import RewriteResult, Speedup
from einlint.verify.running.backends.cpu import BACKEND
from einlint.verify.running.job import Job
from einlint.verify.running.runner import run_job

NOTEBOOK = Path(__file__).parent.parent / "fixtures" / "notebooks" / "einsum_basics.py"
LOSING = """import torch


def narrow(a, b):
    return torch.einsum("ij,bjk->bik", a, b)
"""
LOSING_SIZES = {"i": 64, "j": 64, "b": 4096, "k": 1}
HEADER = ("equation", "sizes", "replacement", "forward", "forward and backward", "verdicts")


def main() -> None:
    os.environ["KINETO_LOG_LEVEL"] = "99"  # else torch prints each start of its profiler
    print(_row(HEADER))
    print("|---" * len(HEADER) + "|")
    for text, sizes in ((NOTEBOOK.read_text(), {}), (LOSING, LOSING_SIZES)):
        for rewrite in _rewrites(text):
            print(_row(_cells(_verified(rewrite, sizes))), flush=True)


def _rewrites(text: str) -> tuple[FoundRewrite, ...]:
    source = in_memory("a.py", text)
    findings = check(source, Settings())
    found, skipped, _ = rewrites_in(findings.diagnostics, {"a.py": findings.places})
    assert not skipped
    return found


def _verified(rewrite: FoundRewrite, sizes: Mapping[str, int]) -> RewriteResult:
    """Both modes at the sizes that the code shows, or at those that are given."""
    cpu, presets, dtypes = torch.device("cpu"), ("tiny",), ("float32",)
    job = Job(
        *((rewrite,), (), presets, sizes, dtypes, cpu, BACKEND),
        threads=1,
        presets_after_code=(),
    )
    (result,) = run_job(job).results
    assert [each.case.mode for each in result.cases] == [Mode.FORWARD, Mode.BACKWARD]
    return result


def _cells(result: RewriteResult) -> Iterator[str]:
    yield f"`{result.equation}`"
    yield sizes_text(result.cases[0].case.sizes)
    yield f"`{result.replacement}`"
    yield from (_ratio(each.speedup) for each in result.cases)
    yield ", ".join(each.verdict.value for each in result.cases)


def _ratio(speedup: Speedup | None) -> str:
    if speedup is None:
        return "-"
    return f"{speedup.median:.2f} ({speedup.low:.2f} to {speedup.high:.2f})"


def _row(cells: Iterator[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
