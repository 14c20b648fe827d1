"""Measure how much slower a program runs while its einsum calls are recorded.

    python benchmarks/trace_overhead.py [SECONDS]

It runs blocks of the same work in turn, with the recording operator and with torch's own, in one
process on one thread (CPU, float32, SECONDS for each row, 20 by default). It prints the median of
the paired ratios recorded / plain with its 99 % interval, and the extra time for each einsum call.
It measures CPU time, so that other programs do not count, and includes the time to write traces.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import torch

from einlint.trace.recorder import Recorder
from einlint.trace.torch_calls import install
from einlint.verify.timing import Block, Samples
from einlint.verify.verdict import speedup_of

BLOCK_SECONDS = 0.005


def main(seconds: float) -> None:
    torch.set_num_threads(1)
    plain = torch._VF.einsum
    with tempfile.TemporaryDirectory() as folder:
        install(torch, Recorder(Path(folder)))
        recorded = torch._VF.einsum
        for name, (calls, work) in works().items():
            _print(name, calls, *_timed(work, plain, recorded, seconds))
    torch._VF.einsum = plain


def works() -> dict[str, tuple[int, Callable[[], object]]]:
    """Name -> a piece of work, and the number of its einsum calls."""
    small = torch.randn(8, 8), torch.randn(8, 8)
    return {
        "attention 8x8x128x64, forward and backward": (2, _attention(128)),
        "attention 8x8x32x64, forward and backward": (2, _attention(32)),
        "ij,jk->ik of size 8, forward": (1, lambda: torch.einsum("ij,jk->ik", *small)),
    }


def _attention(tokens: int) -> Callable[[], object]:
    q, k, v = (torch.randn(8, 8, tokens, 64, requires_grad=True) for _ in range(3))
    gradient = torch.randn(8, 8, tokens, 64)

    def step() -> object:
        weights = torch.einsum("bhqd,bhkd->bhqk", q, k).softmax(-1)
        result = torch.einsum("bhqk,bhkd->bhqd", weights, v)
        return torch.autograd.grad(result, (q, k, v), gradient)

    return step


def _timed(
    work: Callable[[], object], plain: Any, recorded: Any, seconds: float
) -> tuple[list[float], list[float]]:
    """Seconds for one run of the work, recorded and plain, in pairs."""
    _block(work, plain, 10)
    runs = max(1, round(BLOCK_SECONDS / _block(work, plain, 10)))
    found: dict[bool, list[float]] = {True: [], False: []}
    end = time.perf_counter() + seconds
    for first in cycle((True, False)):
        for is_recorded in (first, not first):
            found[is_recorded].append(_block(work, recorded if is_recorded else plain, runs))
        if time.perf_counter() > end:
            return found[True], found[False]
    raise AssertionError


def _block(work: Callable[[], object], einsum: Any, runs: int) -> float:
    torch._VF.einsum = einsum
    start = time.process_time()
    for _ in range(runs):
        work()
    return (time.process_time() - start) / runs


def _print(name: str, calls: int, recorded: list[float], plain: list[float]) -> None:
    ratio = speedup_of(_samples(recorded), _samples(plain))
    if ratio is None:
        sys.exit("too few blocks: more SECONDS are needed")
    extra = median(one - other for one, other in zip(recorded, plain, strict=True)) / calls
    interval = f"{ratio.low:.3f} to {ratio.high:.3f}"
    print(f"{name:<44}{ratio.median:7.3f}  ({interval})  {1e6 * extra:6.2f} us a call", flush=True)


def _samples(seconds: list[float]) -> Samples:
    """Each block as a visit of its own: they lie far enough apart."""
    return tuple((Block(1, each),) for each in seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
