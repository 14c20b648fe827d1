"""A run on a real GPU: `pytest -m cuda`, under three minutes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from einlint.verify.case import Mode
from einlint.verify.report import Result, Verdict
from einlint.verify.running import runner
from einlint.verify.running.backends import cuda
from einlint.verify.running.job import Job
from einlint.verify.running.profiles import Profiles
from einlint.verify.timing import Clock
from tests.verify.jobs import job, rewrite

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device"),
]

BMM = rewrite("bij,bjk->bik", "torch.bmm(a, b)")
SMALL = {"b": 2, "i": 8, "j": 8, "k": 8}
LARGE = {"b": 8, "i": 1024, "j": 1024, "k": 1024}


def on_cuda(sizes: dict[str, int], **changes: object) -> Job:
    made = job(BMM, given=sizes, backward=False)
    return replace(made, device=torch.device("cuda"), backend=cuda.BACKEND, **changes)  # type: ignore[arg-type]


def only_case(one: Job) -> Result:
    (case,) = runner.run_job(one).cases
    assert case.note is None or case.note.startswith("under autocast"), case.note
    return case


def test_right_and_timed_by_both_clocks() -> None:
    case = only_case(on_cuda(LARGE))
    assert case.comparison is not None
    assert case.comparison.fault is None
    assert case.speedup is not None
    assert case.device_speedup is not None
    assert case.device_speedup.low > 0
    for side in (case.original, case.replacement):
        assert side is not None
        assert side.device_seconds is not None
        assert 0 < side.device_seconds.median <= 1.5 * side.seconds.median
        assert side.flops == 2 * 8 * 1024**3


def test_gradients_are_timed_too() -> None:
    report = runner.run_job(on_cuda(SMALL, modes=(Mode.FORWARD, Mode.BACKWARD)))
    forward, backward = report.cases
    assert forward.original is not None
    assert backward.original is not None
    assert backward.original.seconds.median > forward.original.seconds.median


def test_peak_of_memory() -> None:
    case = only_case(on_cuda(LARGE))
    assert case.replacement is not None
    assert case.replacement.peak_bytes is not None
    assert case.replacement.peak_bytes >= 8 * 1024**2 * 4


def test_kernels_have_names_and_times() -> None:
    case = only_case(on_cuda(LARGE))
    assert case.original is not None
    assert case.original.kernels, "torch.profiler sees no kernels: has this user the right to?"
    assert all(each.name and each.seconds > 0 for each in case.original.kernels)


def test_flushed_calls_have_the_clock_of_the_device() -> None:
    case = only_case(on_cuda(SMALL, flush_l2=True))
    assert case.clock is Clock.DEVICE
    assert case.speedup == case.device_speedup
    assert case.original is not None
    # A flush takes some ten microseconds, a product of this size a few.
    blocks = [block for visit in case.original.samples for block in visit]
    assert sum(block.wall for block in blocks) < sum(block.spent for block in blocks)


@pytest.mark.parametrize("wanted", [True, False])
def test_tf32_is_used_as_asked_for(wanted: bool) -> None:
    before = torch.backends.cuda.matmul.allow_tf32
    report = runner.run_job(on_cuda(SMALL, tf32=wanted))
    assert dict(report.environment)["allow_tf32"] == str(wanted)
    assert torch.backends.cuda.matmul.allow_tf32 is before


def test_the_environment_names_the_card() -> None:
    found = dict(runner.run_job(on_cuda(SMALL)).environment)
    assert found["device_name"] == torch.cuda.get_device_name()
    assert found["cuda"] == torch.version.cuda


def test_a_case_that_does_not_fit_is_not_tried() -> None:
    huge = {"b": 2**20, "i": 2**10, "j": 2**10, "k": 2**10}
    (case,) = runner.run_job(on_cuda(huge)).cases
    assert case.verdict is Verdict.UNSURE
    assert case.note is not None
    assert case.note.startswith("does not fit in memory: it needs 12288 GiB")


def test_the_last_device_is_the_one_that_works() -> None:
    last = torch.device("cuda", torch.cuda.device_count() - 1)
    if last.index == 0:
        pytest.skip("this machine has one device")
    torch.cuda.reset_peak_memory_stats(0)
    before = torch.cuda.memory_allocated(0)
    case = only_case(replace(on_cuda(LARGE), device=last))
    assert case.device_speedup is not None
    assert torch.cuda.max_memory_allocated(0) == before
    assert torch.cuda.current_device() == 0


def test_a_profile_shows_times_of_the_device(tmp_path: Path) -> None:
    only_case(on_cuda(LARGE, profiles=Profiles(tmp_path)))
    trace, table = sorted(tmp_path.iterdir())
    text = table.read_text()
    assert "CUDA total" in text
    rows = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert {"einsum", "bmm"} <= set(rows)
    kinds = {each.get("cat") for each in json.loads(trace.read_text())["traceEvents"]}
    assert "kernel" in kinds
