"""Wrong replacements are caught as wrong, and right ones are not."""

import pytest
import torch

from einlint.verify.report import Verdict, VerifyReport
from einlint.verify.running import runner
from einlint.verify.running.autocast_dtypes import autocast_note
from tests.verify.jobs import job, rewrite


@pytest.fixture(autouse=True)
def _never_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is not timed; what is right is not worth the time here."""

    def timed(*arguments: object) -> None:
        raise AssertionError("timed")

    monkeypatch.setattr(runner, "timed_case", timed)


def note_of(report: VerifyReport) -> str:
    assert report.cases
    assert {each.verdict for each in report.cases} == {Verdict.WRONG}
    assert all(each.speedup is None and each.original is None for each in report.cases)
    assert report.fails(min_speedup=None)
    return report.cases[0].note or ""


@pytest.mark.parametrize(
    ("equation", "replacement", "expected"),
    [
        # Each is right in shape at some sizes, or in value for some dtypes.
        ("ij,jk->ik", "a @ b.transpose(-2, -1)", "raises"),
        ("ij->ji", "a", "shape"),
        ("i,i->", "torch.vdot(a, b)", "values"),
        ("ij,jk->ik", "a.conj() @ b", "values"),
        ("ij,jk->ik", "a.to(torch.complex128) @ b.to(torch.complex128)", "dtype"),
        ("ij,jk->ik", "(a @ b).float()", "dtype"),
        ("bhi->bhi", "a.reshape(a.shape[1], a.shape[0], -1)", "shape"),
        ("bhij->bij", "a.reshape(a.shape[1], a.shape[0], *a.shape[2:]).sum(0)", "values"),
        ("bhij->bij", "a.reshape(-1, a.shape[0], *a.shape[2:]).sum(0)", "values"),
        ("bhqd,bhkd->bhqk", "a.transpose(0, 1) @ b.transpose(-2, -1)", "raises"),
        ("bij,bjk->bik", "a.flip(0) @ b", "values"),
        ("ij,kj->ik", "a.view(-1).view(a.shape) @ b.T", "raises"),
        ("i,j->ij", "torch.outer(a, b).detach()", "gradients"),
        ("i,j->ij", "torch.outer(a.detach(), b)", "gradients"),
        ("ij->i", "a.mean(1)", "values"),
        ("ij,ij->", "(a * b).sum() * 1.0001", "values"),
        ("ij,jk->ik", "(a @ b).squeeze()", "another shape, where `i` has size 1"),
        ("ij->i", "a.sum(-1) if a.numel() else a.sum(0)", "another shape, where `i` has size 0"),
    ],
)
def test_small_operands_without_equal_sizes_tell(
    equation: str, replacement: str, expected: str
) -> None:
    report = runner.run_job(job(rewrite(equation, replacement)))
    assert expected in note_of(report)


def test_a_size_that_the_call_does_not_take_hides_no_fault_at_another() -> None:
    call = "torch.einsum('ij->i', a.view(a.shape[0], -1))"  # raises where `i` has size 0
    one = rewrite("ij->i", "a.sum(-1) + (a.shape[1] == 1)", original=call)
    assert note_of(runner.run_job(job(one))) == "other values, where `j` has size 1"


SQUARE = {"i": 16, "j": 16, "k": 16}


@pytest.mark.parametrize(
    "dtype", ["float32", "bfloat16", "float16", "float64", "complex64", "int64"]
)
@pytest.mark.parametrize(
    ("equation", "replacement"),
    [
        ("ij,jk->ik", "a @ b.transpose(-2, -1)"),
        ("ij,jk->ik", "b @ a"),
        ("bij,bjk->bik", "a[[1, 0]] @ b"),
        ("ij,ij->i", "(a * b).sum(0)"),
    ],
)
def test_at_equal_sizes_the_values_tell(
    monkeypatch: pytest.MonkeyPatch, dtype: str, equation: str, replacement: str
) -> None:
    """As if the first look had seen nothing, so that every case has to."""
    monkeypatch.setattr(runner, "find_right_reading", lambda each: (replacement, None))
    report = runner.run_job(job(rewrite(equation, replacement), given=SQUARE, dtypes=(dtype,)))
    note_of(report)


def test_a_fault_that_only_large_sizes_show(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "a @ b if a.shape[0] < 64 else b @ a"
    report = runner.run_job(job(rewrite("ij,jk->ik", wrong), given=dict.fromkeys("ijk", 64)))
    assert "values" in note_of(report)


@pytest.mark.parametrize(
    "wrong", ["(a @ b) * 1.05", "a @ b + 1", "(a @ b).nan_to_num() / 0", "a.detach() @ b"]
)
def test_rounding_is_no_excuse(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """In bfloat16 values are not compared to the bit."""
    monkeypatch.setattr(runner, "find_right_reading", lambda each: (wrong, None))
    given = {"i": 64, "j": 4, "k": 64}
    report = runner.run_job(
        job(rewrite("ij,jk->ik", wrong), given=given, dtypes=("bfloat16",), backward=False)
    )
    assert note_of(report)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "complex64", "int8", "uint8"])
@pytest.mark.parametrize(
    ("equation", "replacement"),
    [
        ("ij,jk->ik", "a @ b"),
        ("ij,jk->ki", "b.T @ a.T"),
        ("i,i->", "a @ b"),
        ("bhqd,bhkd->bhqk", "a @ b.transpose(-2, -1)"),
        ("...ij,...jk->...ik", "a @ b"),
        ("ii->i", "a.diagonal()"),
        ("i,j->ij", "torch.outer(a, b)"),
        ("bij,bj->bi", "(a @ b[..., None])[..., 0]"),
    ],
)
def test_what_is_right_goes_on_to_be_timed(equation: str, replacement: str, dtype: str) -> None:
    one = rewrite(equation, replacement)
    sizes = {"i": 33, "d": 129, "j": 257}
    with pytest.raises(AssertionError, match="timed"):
        runner.run_job(job(one, given=sizes, dtypes=(dtype,)))


def test_of_several_readings_the_right_one_is_taken() -> None:
    one = rewrite("ij,kj->ik", "b @ a.transpose(-2, -1)", "a @ b.transpose(-2, -1)")
    report = runner.run_job(job(one, budget=None, dtypes=()))
    assert report.results[0].replacement == "a @ b.transpose(-2, -1)"


def test_another_layout_is_told_and_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    report = runner.run_job(job(rewrite("ij->ji", "a.T.contiguous()"), backward=False))
    (case,) = report.cases
    assert case.comparison is not None
    assert not case.comparison.same_strides
    assert case.comparison.same_shape
    assert case.verdict is not Verdict.WRONG


def test_errors_are_against_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    exact = "(a.double() @ b.double()).to(a.dtype)"
    monkeypatch.setattr(runner, "find_right_reading", lambda each: (exact, None))
    report = runner.run_job(
        job(
            rewrite("i,i->", exact),
            given={"i": 999},
            backward=False,
        )
    )
    compared = report.cases[0].comparison
    assert compared is not None
    assert compared.error_original is not None
    assert compared.error_replacement is not None
    assert 0 < compared.error_replacement < compared.error_original < 1e-3


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        ("torch.dot(a, b)", "under autocast the call gives bfloat16, the replacement float32"),
        ("a @ b", None),
    ],
)
def test_what_autocast_changes_is_said(replacement: str, expected: str | None) -> None:
    pair = rewrite("i,i->", replacement).pair
    assert autocast_note(pair, replacement, torch.device("cpu")) == expected
