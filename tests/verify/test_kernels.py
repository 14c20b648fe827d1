"""Kernels of a device, from a trace that no device is needed to read."""

import json

import pytest

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
