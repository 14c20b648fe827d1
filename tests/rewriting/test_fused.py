"""Every form of attention that a finding calls fused is fused, with the text that the fix writes.

An upgrade of torch that changes this fails here; then `benchmarks/attention.py` tells what is true.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import pytest
import torch
import torch._functorch.config
import torch._inductor.config
from torch._dynamo.utils import counters

from einlint.rewriting.fused import FUSED, Layout
from tests.conftest import ROOT

LAYOUTS = {
    Layout.CONTIGUOUS: "b h n d",
    Layout.GIVEN: "b h n d",
    Layout.TRANSPOSED: "b h n d, transposed heads",
}
SIZES = {"b": 2, "h": 4, "n": 24, "d": 16}


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The functions that write, fix and compile a form."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield importlib.import_module("attention")
    del sys.modules["attention"]


def fused(functions: Sequence[Any], operands: Sequence[Sequence[torch.Tensor]]) -> int:
    """How many of them Inductor fuses; one compilation takes as long as many."""

    def together(many: Sequence[Sequence[torch.Tensor]]) -> list[torch.Tensor]:
        return [each(*own) for each, own in zip(functions, many, strict=True)]

    torch.compiler.reset()
    counters.clear()
    with (
        torch.no_grad(),
        # What comes out of a cache is not counted.
        torch._inductor.config.patch(fx_graph_cache=False),
        torch._functorch.config.patch(enable_autograd_cache=False),
    ):
        results = torch.compile(together, fullgraph=True, dynamic=False)(operands)
        for result, plain in zip(results, together(operands), strict=True):
            torch.testing.assert_close(result, plain, rtol=1e-4, atol=1e-4)
    return int(counters["inductor"]["fuse_attention"])


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # Inductor's own import
@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_fused_as_the_fix_writes_it_and_not_as_einsum(
    layout: Layout, benchmark: ModuleType
) -> None:
    variants = [benchmark.Variant(form, LAYOUTS[layout]) for form in FUSED[layout]]
    sources = [benchmark.source_of(each) for each in variants]
    fixes = [benchmark.fixed(each) for each in sources]
    assert all(is_plain for _, is_plain in fixes)
    operands = [benchmark.operands_of(each, SIZES) for each in variants]
    written = [benchmark.function_of(text) for text, _ in fixes]
    assert fused(written, operands) == len(variants)
    assert fused([benchmark.function_of(each) for each in sources], operands) == 0


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_what_no_finding_calls_fused_is_not(benchmark: ModuleType) -> None:
    measured = {form for known in FUSED.values() for form in known}
    others = [
        each
        for each in benchmark.variants()
        if not each.is_training
        and (each.layout.endswith("keys") or each.layout == "b h n d")
        and (each.is_scaled_first or each.layout.endswith("keys") or each.form not in measured)
        and benchmark.Step.FLOAT32 not in each.form
    ]
    assert len(others) >= 7
    written = [
        benchmark.function_of(benchmark.fixed(benchmark.source_of(each))[0]) for each in others
    ]
    assert fused(written, [benchmark.operands_of(each, SIZES) for each in others]) == 0
