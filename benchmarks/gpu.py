"""Measure einsum against its replacements on a GPU, and print a Markdown table.

    python benchmarks/gpu.py [--device cuda:1] [--dtype float32,bfloat16] [--flush-l2] [--tf32]

Every row has both ratios einsum / replacement with their 99 % intervals: by the clock of the host,
which a program sees, and by that of the device. Where the kernels take less than half of the time
of the host, the row says which side is launch-bound. Some minutes; without a GPU it ends with exit
code 2.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import torch

from einlint.algebra.equation import parse
from einlint.linting.pairing import Pair
from einlint.rewriting.dialects.text import operand_names
from einlint.verify.case import Mode
from einlint.verify.device_time import (
    gb_per_second,
    is_launch_bound,
    kernel_seconds,
    tflop_per_second,
)
from einlint.verify.dtypes import DTYPES
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.quantities import seconds_text, sizes_text
from einlint.verify.report import Environment, Measurement, Result, Speedup
from einlint.verify.running.backend import DeviceError, available_backend, device_named
from einlint.verify.running.job import Job
from einlint.verify.running.runner import run_job

Sizes: TypeAlias = dict[str, int]

_SHORT: Final = {"b": 64, "h": 8, "q": 20, "k": 64, "d": 64}
_LONG: Final = {"b": 8, "h": 16, "q": 2048, "k": 2048, "d": 64}
_ROWS: Final = {"b": 2**20, "i": 4}, {"b": 2**14, "i": 2**12}

# Equation, replacement, and the sizes to run it at.
TABLE: tuple[tuple[str, str, tuple[Sizes, ...]], ...] = (
    ("ik,kj->ij", "a @ b", tuple(dict.fromkeys("ikj", size) for size in (512, 4096, 8192))),
    (
        "bij,bjk->bik",
        "torch.bmm(a, b)",
        (
            dict(zip("bijk", (128, 64, 64, 64), strict=True)),
            dict(zip("bijk", (64, 1024, 1024, 1024), strict=True)),
        ),
    ),
    ("ij,bjk->bik", "a @ b", ({"i": 64, "j": 64, "b": 4096, "k": 1},)),
    ("bhqd,bhkd->bhqk", "a @ b.transpose(-2, -1)", (_SHORT, _LONG)),
    ("bqhd,bkhd->bhqk", "a.transpose(1, 2) @ b.permute(0, 2, 3, 1)", (_SHORT, _LONG)),
    ("bhqk,bhkd->bhqd", "a @ b", (_SHORT, _LONG)),
    ("bhqk,bkhd->bqhd", "(a @ b.transpose(1, 2)).transpose(1, 2)", (_SHORT, _LONG)),
    ("bi,bi->b", "(a * b).sum(-1, dtype=a.dtype)", _ROWS),
    ("ij,j->i", "a @ b", ({"i": 4096, "j": 4096},)),
    ("i,i->", "a @ b", ({"i": 2**24},)),
    ("i,j->ij", "torch.outer(a, b)", ({"i": 8192, "j": 8192},)),
    ("ij,ij->ij", "a * b", ({"i": 64, "j": 64}, {"i": 8192, "j": 8192})),
)
HEADER: Final = (
    *("equation", "sizes", "dtype", "replacement", "ratio, host", "ratio, device"),
    *("host time", "kernels", "TFLOP/s", "GB/s", "launch-bound", "verdict"),
)
_SHOWN: Final = (
    *("device_name", "driver", "cuda", "rocm", "torch", "clock_mhz", "highest_clock_mhz"),
    *("memory_clock_mhz", "allow_tf32"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what the card is, and one row for each case."""
    parser = argparse.ArgumentParser(description="einsum against its replacements on a GPU.")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", default="float32,bfloat16")
    parser.add_argument("--flush-l2", action="store_true", help="empty the L2 cache before a call")
    parser.add_argument("--tf32", action="store_true", help="float32 products may use TF32")
    options = parser.parse_args(arguments)
    dtypes = tuple(options.dtype.split(","))
    if not set(dtypes) <= set(DTYPES):
        parser.error(f"--dtype takes {', '.join(DTYPES)}")
    os.environ["KINETO_LOG_LEVEL"] = "99"  # else torch prints each start of its profiler
    try:
        device = device_named(options.device)
        available_backend(device)
    except DeviceError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    about: Environment | None = None
    for equation, replacement, choices in TABLE:
        rewrite = _rewrite(equation, replacement)
        for sizes in choices:
            job = _job(rewrite, sizes, dtypes, device, options)
            report = run_job(job)
            if about is None:
                about = report.environment
                print(_card(about), *_head(HEADER), sep="\n")
            for case in report.cases:
                print(_row(_cells(equation, replacement, case)), flush=True)


def _rewrite(equation: str, replacement: str) -> FoundRewrite:
    parsed = parse(equation)
    names = tuple(each.source for each in operand_names(len(parsed.inputs)))
    call = f"torch.einsum({equation!r}, {', '.join(names)})"
    return FoundRewrite(Pair(parsed, names, call, (replacement,)), ())


def _job(
    rewrite: FoundRewrite,
    sizes: Sizes,
    dtypes: tuple[str, ...],
    device: torch.device,
    options: argparse.Namespace,
) -> Job:
    """Forward only, at the sizes given: the preset gives none of them."""
    return Job(
        (rewrite,),
        (),
        ("tiny",),
        sizes,
        dtypes,
        device,
        available_backend(device),
        (Mode.FORWARD,),
        flush_l2=options.flush_l2,
        tf32=options.tf32,
    )


def _card(about: Environment) -> str:
    known = {name: value for name, value in about if value is not None}
    return ", ".join(f"{name} {known[name]}" for name in _SHOWN if name in known) + "\n"


def _head(cells: Sequence[str]) -> Iterator[str]:
    yield _row(cells)
    yield "|---" * len(cells) + "|"


def _cells(equation: str, replacement: str, case: Result) -> Iterator[str]:
    before, after = case.original, case.replacement
    yield from (f"`{equation}`", sizes_text(case.case.sizes), case.case.dtype, f"`{replacement}`")
    if before is None or after is None:
        yield from ("-",) * (len(HEADER) - 5)
        yield f"{case.verdict.value}: {case.note}"
        return
    yield _ratio(case.wall_speedup)
    yield _ratio(case.device_speedup)
    yield f"{seconds_text(before.seconds.median)} > {seconds_text(after.seconds.median)}"
    yield " > ".join(_kernels(side) for side in (before, after))
    yield " > ".join(_number(tflop_per_second(side)) for side in (before, after))
    yield " > ".join(_number(gb_per_second(side)) for side in (before, after))
    named = (("einsum", before), ("replacement", after))
    yield ", ".join(name for name, side in named if is_launch_bound(side)) or "-"
    yield case.verdict.value


def _ratio(speedup: Speedup | None) -> str:
    if speedup is None:
        return "-"
    return f"{speedup.median:.2f} ({speedup.low:.2f} to {speedup.high:.2f})"


def _kernels(side: Measurement) -> str:
    seconds = kernel_seconds(side)
    return "-" if seconds is None else f"{seconds_text(seconds)} ({side.launches})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
