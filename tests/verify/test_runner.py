"""A run ends as it should: no time, no memory, Ctrl-C, and calls that do not run here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch

from einlint.verify.candidates import Candidate
from einlint.verify.case import Mode
from einlint.verify.report import Verdict
from einlint.verify.running import runner
from einlint.verify.running.job import CaseGroup
from einlint.verify.running.spellings import affordable
from einlint.verify.running.timed_case import fitting
from einlint.verify.timing import Sampling
from tests.verify.jobs import blocks_of, job, rewrite

MATMUL = rewrite("ij,jk->ik", "a @ b")
OUTER = rewrite("i,j->ij", "torch.outer(a, b)")


def test_all_that_a_case_has() -> None:
    (forward, backward) = runner.run_job(job(MATMUL)).cases
    assert (forward.case.mode, backward.case.mode) == (Mode.FORWARD, Mode.BACKWARD)
    assert forward.case.sizes == (("i", 8), ("j", 8), ("k", 8))
    assert forward.original is not None
    assert forward.replacement is not None
    assert backward.replacement is not None
    assert forward.original.operators > forward.replacement.operators
    assert forward.replacement.peak_bytes == 8 * 8 * 4
    assert backward.replacement.peak_bytes is not None
    assert backward.replacement.peak_bytes > 8 * 8 * 4
    assert forward.original.kernels is None
    assert forward.speedup is not None
    assert forward.speedup.low <= forward.speedup.median <= forward.speedup.high


def test_whole_numbers_have_no_gradients() -> None:
    (case,) = runner.run_job(job(MATMUL, dtypes=("int64",))).cases
    assert case.case.mode is Mode.FORWARD


def test_peak_memory_sees_what_is_gone_at_the_end() -> None:
    one = rewrite("ij,jk->ik", "(a[:, :, None] * b).sum(1, dtype=a.dtype)")
    (case,) = runner.run_job(job(one, backward=False)).cases
    assert case.replacement is not None
    assert case.original is not None
    assert case.original.peak_bytes == 8 * 8 * 4
    assert case.replacement.peak_bytes == 8 * 8 * 8 * 4 + 8 * 8 * 4


def test_no_budget_runs_nothing_and_lists_everything() -> None:
    report = runner.run_job(job(MATMUL, OUTER, budget=0))
    assert report.cases == ()
    assert [len(each.not_run) for each in report.results] == [2, 2]
    assert not report.fails(min_speedup=10)
    assert report.is_incomplete(strict=False)
    assert report.not_run_reason == "the budget was spent"


def test_a_budget_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps behind the end of the budget while the second case is timed."""
    clock = [0.0]
    monkeypatch.setattr(runner.time, "monotonic", lambda: clock[0])

    def timed(cases: Sequence[Sampling], seconds_left: Callable[[], float]) -> None:
        blocks_of(1.0, 1.0)(cases[:2], seconds_left)
        clock[0] += 120

    monkeypatch.setattr(runner, "sample", timed)
    report = runner.run_job(job(MATMUL, OUTER, budget=100))
    assert len(report.cases) == 2
    assert [each.mode for result in report.results for each in result.not_run] == [
        Mode.FORWARD,
        Mode.BACKWARD,
    ]


def test_interrupted_it_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def timed(cases: Sequence[Sampling], seconds_left: Callable[[], float]) -> None:
        blocks_of(2.0, 1.0)(cases[:1], seconds_left)
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "sample", timed)
    report = runner.run_job(job(MATMUL, OUTER))
    assert report.interrupted
    assert report.not_run_reason == "interrupted"
    assert not report.is_incomplete(strict=False)
    assert report.is_incomplete(strict=True)
    assert [each.verdict for each in report.cases] == [Verdict.FASTER]
    assert report.not_run == 3


def test_out_of_memory_is_the_result_of_its_case() -> None:
    """The operands are small, and the result of one rewrite has 64 TiB."""
    given = {"i": 2**22, "j": 2**22}
    one = rewrite("i,i->", "a @ b")
    report = runner.run_job(job(OUTER, one, given=given, backward=False))
    large, small = report.cases
    assert (large.verdict, large.note) == (Verdict.UNSURE, "out of memory")
    assert small.verdict is not Verdict.WRONG
    assert small.speedup is not None


def test_out_of_memory_while_it_is_timed_costs_what_has_no_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def timed(cases: Sequence[Sampling], seconds_left: Callable[[], float]) -> None:
        blocks_of(2.0, 1.0)(cases[:1], seconds_left)
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(runner, "sample", timed)
    report = runner.run_job(job(MATMUL))
    assert [each.verdict for each in report.cases] == [Verdict.FASTER, Verdict.UNSURE]
    assert report.cases[1].note == "out of memory"
    assert report.not_run == 0


def test_a_call_that_does_not_run_here_is_the_result_of_its_case() -> None:
    one = rewrite("ij,jk->ik", "a @ b", original="torch.einsum('ij,jk->ik', a, b).fmod(b)")
    (case,) = runner.run_job(job(one, given={"i": 3, "j": 4, "k": 5}, backward=False)).cases
    assert case.verdict is Verdict.UNSURE
    assert case.note is not None
    assert case.note.startswith("the call does not run: The size of tensor")


def test_surely_too_slow_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "sample", blocks_of(1.0, 1.0))
    report = runner.run_job(job(MATMUL))
    assert not report.fails(min_speedup=None)
    assert not report.fails(min_speedup=1.0)
    assert report.fails(min_speedup=1.2)


def test_threads_are_as_before_afterwards() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        report = runner.run_job(job(MATMUL, budget=0))
        assert dict(report.environment)["threads"] == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_further_spellings_are_ranked_beside_the_replacement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second spelling is wrong: it is listed, and not timed."""
    monkeypatch.setattr(runner, "sample", blocks_of(3.0, 2.0, 1.0))
    one = replace(MATMUL, candidates=(Candidate("b @ a"), Candidate("torch.mm(a, b)")))
    (case,) = runner.run_job(job(one, backward=False)).cases
    assert case.speedup is not None
    assert case.speedup.median == 1.5
    wrong, right = case.candidates
    assert (wrong.verdict, wrong.speedup) == (Verdict.WRONG, None)
    assert right.speedup is not None
    assert (right.verdict, right.speedup.median) == (Verdict.FASTER, 3.0)


def test_a_spelling_that_cannot_be_timed_says_why_and_loses_nothing() -> None:
    """One would fill the memory, one has no memory left, one raises."""
    full = "torch.empty(2**44).view(a.shape) @ b"
    huge = Candidate("(a.unsqueeze(1) * b.T).sum(-1)", (("i", "k", "j"),))
    one = replace(MATMUL, candidates=(huge, Candidate(full), Candidate("torch.mv(a, b)")))
    given = {"i": 512, "j": 512, "k": 512}
    (case,) = runner.run_job(job(one, backward=False, given=given)).cases
    assert case.speedup is not None
    notes = {each.text: each.note or "" for each in case.candidates}
    assert notes[huge.text].startswith("not run: it makes a tensor 512 times")
    assert notes[full].startswith("out of memory")
    assert notes["torch.mv(a, b)"].startswith("it raises")
    assert all(each.speedup is None for each in case.candidates)


def test_a_case_too_long_for_the_budget_takes_no_time_from_the_others() -> None:
    """All would have been visited in turn, and none would have had enough visits."""

    class Timed:
        def __init__(self, seconds: float) -> None:
            self.sampling = self
            self.seconds_needed = seconds
            self.ending_seconds = 0.1

    cases: Any = [Timed(seconds) for seconds in (1, 2, 30, 1)]
    assert fitting(cases, 10) == cases[:2]
    assert fitting(cases, 100) == cases
    assert fitting(cases, 0.5) == cases[:1]
    assert fitting([], 1) == []


def test_further_spellings_are_compared_at_sizes_that_are_cheap() -> None:
    """What is summed keeps its length as long as anything else can be shorter."""
    sizes = (("i", 4096), ("j", 4096), ("k", 4096))
    group = affordable(CaseGroup(MATMUL, sizes, "float32"))
    assert dict(group.sizes) == {"i": 8, "j": 4096, "k": 8}
    small = CaseGroup(MATMUL, (("i", 64), ("j", 64), ("k", 64)), "float32")
    assert affordable(small) == small


def test_on_one_thread_the_time_of_the_cpu_is_known_beside_the_wall_clock() -> None:
    (case,) = runner.run_job(job(MATMUL, backward=False)).cases
    assert case.original is not None
    assert case.original.cpu_seconds is not None
    assert case.cpu_speedup is not None
    assert case.busy is not None
    (other,) = runner.run_job(replace(job(MATMUL, backward=False), threads=2)).cases
    assert other.cpu_speedup is None
    assert other.busy is None


def test_compiled_is_a_mode_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes minutes on some machines: here it leaves the function as it is."""
    compiled = []

    def compile_quickly(function: object) -> object:
        compiled.append(function)
        return function

    monkeypatch.setattr(torch, "compile", compile_quickly)
    one = replace(job(MATMUL), modes=(Mode.FORWARD, Mode.COMPILED))
    report = runner.run_job(one)
    assert [each.case.mode for each in report.cases] == [Mode.FORWARD, Mode.COMPILED]
    assert len(compiled) == 2
    assert report.cases[1].speedup is not None
