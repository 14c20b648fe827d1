"""Kernels of a device, from a trace that no device is needed to read."""

import json

import pytest
import torch

from einlint.verify.running.kernels import kernels_in
from tests.conftest import ROOT


def test_kernels_of_a_trace() -> None:
    trace = json.loads((ROOT / "fixtures/traces/cuda.json").read_text())
    longest, other = kernels_in(trace)
    assert (longest.name, longest.launches) == ("ampere_sgemm_64x64_tn", 2)
    assert longest.seconds == pytest.approx(24e-6)
    assert (other.launches, other.seconds) == (1, pytest.approx(3.25e-6))


def test_a_trace_of_the_cpu_has_none() -> None:
    assert kernels_in({"traceEvents": [{"cat": "cpu_op", "name": "aten::bmm", "dur": 1}]}) == ()


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")
class TestOnCuda:
    def report(self) -> object:
        from dataclasses import replace

        from einlint.verify.running import runner
        from einlint.verify.running.backends.cuda import BACKEND
        from tests.verify.jobs import job, rewrite

        one = job(rewrite("bij,bjk->bik", "torch.bmm(a, b)"), backward=False)
        one = replace(one, device=torch.device("cuda"), backend=BACKEND, flush_l2=True)
        (case,) = runner.run_job(one).cases
        return case

    def test_right_and_timed(self) -> None:
        case = self.report()
        assert case.comparison.fault is None  # type: ignore[attr-defined]
        assert case.speedup.low > 0  # type: ignore[attr-defined]

    def test_peak_of_memory(self) -> None:
        case = self.report()
        assert case.replacement.peak_bytes >= 2 * 8 * 8 * 4  # type: ignore[attr-defined]

    def test_kernels_have_names_and_times(self) -> None:
        case = self.report()
        assert case.replacement.launches >= 1  # type: ignore[attr-defined]
        assert all(each.name and each.seconds > 0 for each in case.original.kernels)  # type: ignore[attr-defined]
