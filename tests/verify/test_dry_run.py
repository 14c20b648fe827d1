"""A dry run reports what a real run counts, even for devices that are missing."""

from dataclasses import replace

import pytest
import torch

from einlint.verify.case import Mode, Site
from einlint.verify.formats import format_named
from einlint.verify.report import Skipped
from einlint.verify.running import runner
from einlint.verify.running.backend import backend_of, device_named
from einlint.verify.running.dry_run import dry_run
from einlint.verify.running.job import Job
from tests.verify.jobs import blocks_of, job, rewrite

REWRITES = (
    rewrite("ij,jk->ik", "a @ b"),
    rewrite("ij,bjk->bik", "a @ b"),
    rewrite("i,i->", "a @ b"),
    rewrite("ij,j->i", "a @ b"),
)


def test_operators_are_those_of_a_real_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "sample", blocks_of(1.0, 1.0))
    made = {
        (result.equation, each.case): (each.original.operators, each.replacement.operators)
        for result in dry_run(job(*REWRITES)).results
        for each in result.cases
    }
    for result in runner.run_job(job(*REWRITES)).results:
        for case in result.cases:
            assert case.original is not None
            assert case.replacement is not None
            expected = (case.original.operators, case.replacement.operators)
            assert made[result.equation, case.case] == expected


def test_flops_are_those_of_the_equation() -> None:
    report = dry_run(job(*REWRITES, backward=False))
    found = {each.equation: each.cases[0] for each in report.results}
    sizes = {"ij,jk->ik": 8**3, "ij,bjk->bik": 8**4, "i,i->": 8, "ij,j->i": 8**2}
    for equation, size in sizes.items():
        assert found[equation].original.flops == found[equation].replacement.flops == 2 * size


def test_bytes_and_copies() -> None:
    """The operands are read and the result is written; einsum copies one of them first."""
    one = rewrite("ij,bjk->bik", "torch.bmm(a.expand(b.shape[0], -1, -1), b)")
    (case,) = dry_run(job(one, backward=False)).results[0].cases
    tensor = 8**3 * 4
    assert case.replacement.moved_bytes == 3 * tensor
    assert (case.original.copies, case.replacement.copies) == (1, 0)
    assert case.original.moved_bytes == (8**2 * 4 + 2 * tensor) + 2 * tensor


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_a_device_that_is_not_here(name: str) -> None:
    here = job(*REWRITES)
    device = device_named(name)
    there = Job(
        here.rewrites, (), here.presets, {}, here.dtypes, device, backend_of(device), threads=1
    )
    report = dry_run(there)
    cases = [case for result in report.results for case in result.cases]
    assert {(each.case.device, each.case.mode) for each in cases} == {(name, Mode.FORWARD)}
    assert report.only_forward
    text = format_named("text").render_dry_run(report)
    assert "original > replacement; nothing is run" in text
    assert "No gradients" in text


def test_large_sizes_take_no_memory() -> None:
    one = rewrite("i,j->ij", "torch.outer(a, b)")
    report = dry_run(job(one, given={"i": 2**22, "j": 2**22}))
    assert len(report.results[0].cases) == 2


def test_what_cannot_be_run_is_reported() -> None:
    skipped = (Skipped(Site("a.ipynb", 3, cell=2), "the operands are unpacked from an iterable"),)
    nothing = dry_run(replace(job(), skipped=skipped))
    assert format_named("text").render_dry_run(nothing).splitlines()[-2:] == [
        "a.ipynb:cell 2:3: not verified: the operands are unpacked from an iterable",
        "Nothing was verified.",
    ]
    assert "<li>a.ipynb:cell 2:3: the operands" in format_named("html").render_dry_run(nothing)
