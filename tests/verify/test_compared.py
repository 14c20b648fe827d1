"""What became faster or slower since an old report, and which old reports are refused."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from einlint.unusable import UnusableError
from einlint.verify.case import Case, Mode, Site
from einlint.verify.compared import Change, Compared, compared_with, described, summary
from einlint.verify.formats.json import FORMAT
from einlint.verify.old_report import read_old_report
from einlint.verify.report import Measurement, Result, RewriteResult, Spread, Verdict, VerifyReport
from einlint.verify.timing import Block, Samples
from einlint.verify.verdict import speedup_of

ENVIRONMENT = (
    *(("date", "2026-11-01T09:00:00+00:00"), ("device", "cpu"), ("device_name", "a CPU")),
    *(("threads", 1), ("busy", 0.0)),
)
MATMUL = ("ij,jk->ik", "torch.einsum('ij,jk->ik', a, b)", "a @ b")


def samples(seconds: float, *, wait: float = 0.0, has_cpu: bool = True) -> Samples:
    """Sixteen visits with a noise of 3 %; others make each call wait."""
    random = Random(seconds)
    found = []
    for _ in range(16):
        times = [seconds * random.uniform(0.97, 1.03) for _ in range(3)]
        blocks = [Block(10, 10 * (cpu + wait), 10 * cpu if has_cpu else None) for cpu in times]
        found.append(tuple(blocks))
    return tuple(found)


def result(
    before: Samples, after: Samples, verdict: Verdict = Verdict.FASTER, size: int = 8
) -> Result:
    case = Case((("i", size), ("j", 4), ("k", 5)), "float32", "cpu", Mode.FORWARD)
    sides = (
        Measurement(Spread(1.0, 0.1, 1.0), 8, 1, None, samples=each) for each in (before, after)
    )
    return Result(case, verdict, None, speedup_of(before, after), *sides)


def report(*results: Result, busy: float = 0.0) -> VerifyReport:
    rewrite = RewriteResult(*MATMUL, (Site("a.py", 1),), results)
    return VerifyReport((*ENVIRONMENT[:-1], ("busy", busy)), (rewrite,))


def compared(folder: Path, old: VerifyReport, new: VerifyReport) -> Compared:
    path = folder / "old.json"
    path.write_text(FORMAT.render(old))
    return compared_with(read_old_report(path), new)


def changes(folder: Path, old: Result, new: Result, busy: float = 0.0) -> tuple[Change, bool]:
    found = compared(folder, report(old), report(new, busy=busy))
    (case,) = found.cases
    return case.change, found.fails


QUICK = result(samples(7e-6), samples(1e-6))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (result(samples(7.1e-6), samples(0.99e-6)), (Change.SAME, False)),
        (result(samples(7e-6), samples(1.1e-6)), (Change.SAME, False)),
        (result(samples(7e-6), samples(1.5e-6)), (Change.SLOWER, True)),
        (result(samples(9e-6), samples(1e-6)), (Change.SLOWER, True)),
        (result(samples(7e-6), samples(0.6e-6)), (Change.FASTER, False)),
        (result(samples(5e-6), samples(1.5e-6)), (Change.SLOWER, True)),
        (result(samples(7e-6), samples(1.2e-6)), (Change.UNSURE, False)),
        # Others kept the machine busy; on one thread its CPU time is what it was.
        (result(samples(7e-6, wait=7e-6), samples(1e-6, wait=1e-6)), (Change.SAME, False)),
    ],
)
def test_a_side_that_surely_takes_longer_fails(
    tmp_path: Path, new: Result, expected: tuple[Change, bool]
) -> None:
    assert changes(tmp_path, QUICK, new) == expected


def test_without_cpu_time_a_busy_machine_says_nothing(tmp_path: Path) -> None:
    old = result(samples(7e-6, has_cpu=False), samples(1e-6, has_cpu=False))
    new = result(samples(9e-6, has_cpu=False), samples(2e-6, has_cpu=False))
    assert changes(tmp_path, old, new) == (Change.SLOWER, True)
    assert changes(tmp_path, old, new, busy=0.3) == (Change.UNSURE, False)


@pytest.mark.parametrize("verdict", [Verdict.WRONG, Verdict.SLOWER])
def test_a_verdict_that_turned_fails(tmp_path: Path, verdict: Verdict) -> None:
    new = replace(QUICK, verdict=verdict)
    assert changes(tmp_path, QUICK, new) == (Change.SLOWER, True)
    assert changes(tmp_path, new, new) == (Change.SAME, False)
    assert changes(tmp_path, replace(QUICK, verdict=Verdict.UNSURE), new)[1]
    assert not changes(tmp_path, new, QUICK)[1]


def test_a_wrong_case_has_no_times(tmp_path: Path) -> None:
    wrong = replace(QUICK, verdict=Verdict.WRONG, original=None, replacement=None, speedup=None)
    assert changes(tmp_path, QUICK, wrong) == (Change.SLOWER, True)
    assert changes(tmp_path, wrong, QUICK) == (Change.UNSURE, False)


def test_cases_are_matched_by_all_that_they_are_run_with(tmp_path: Path) -> None:
    shaped = replace(QUICK, case=replace(QUICK.case, shapes=((8, 4), (4, 5))))
    other = result(samples(7e-6), samples(2e-6), size=9)
    found = compared(tmp_path, report(QUICK, shaped), report(shaped, other))
    assert [each.change for each in found.cases] == [Change.SAME, Change.NEW, Change.GONE]
    assert list(described(found)) == ["gone: ij,jk->ik i=8 j=4 k=5 float32 forward"]
    assert summary(found).endswith("old.json (2026-11-01T09:00:00+00:00): 1 same, 1 new, 1 gone.")


def test_the_lines_say_by_how_much(tmp_path: Path) -> None:
    new = result(samples(3.5e-6), samples(2e-6), Verdict.SAME)
    (line,) = described(compared(tmp_path, report(QUICK), report(new)))
    start = (
        "slower: ij,jk->ik i=8 j=4 k=5 float32 forward: it was faster, it is same; the original is "
    )
    assert line.startswith(f"{start}2.00 times (1.8")
    assert "; the replacement takes 2.0" in line


def test_samples_that_travelled_give_the_same_interval(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(FORMAT.render(report(QUICK)))
    (old,) = read_old_report(path).cases.values()
    assert old.sides is not None
    assert QUICK.speedup is not None
    again = speedup_of(*old.sides)
    assert again is not None
    assert again.low == pytest.approx(QUICK.speedup.low, rel=1e-4)
    assert again.high == pytest.approx(QUICK.speedup.high, rel=1e-4)


def test_a_report_does_not_grow_by_a_line_for_each_number() -> None:
    text = FORMAT.render(report(QUICK))
    assert text.count("\n") < 150
    assert len(json.loads(text)["results"][0]["cases"][0]["samples"]["original"]) == 16


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (("threads", 8), "threads 1, not 8"),
        (("device_name", "H100"), "device_name a CPU, not H100"),
        (("torch", "9.9"), None),
    ],
)
def test_another_kind_of_machine_has_other_times(
    tmp_path: Path, change: tuple[str, str | int], difference: str | None
) -> None:
    path = tmp_path / "old.json"
    path.write_text(FORMAT.render(report(QUICK)))
    found = read_old_report(path).other_kind((*ENVIRONMENT, change))
    expected = f"{path} is from another kind of machine ({difference})"
    assert found == (None if difference is None else expected)


SIDES = {"original": [[[1, 0.1]]], "replacement": [[[1, "long", None]]]}
CASE = {"sizes": {}, "dtype": "int8", "device": "cpu", "mode": "forward", "verdict": "same"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("{", "not JSON"),
        ("{}", "`environment` is missing"),
        (json.dumps({"environment": {}, "results": [{}]}), "`equation` is missing"),
        *(
            (
                json.dumps(
                    {
                        "environment": {},
                        "results": [
                            {"equation": "", "original": "", "replacement": "", "cases": [case]}
                        ],
                    }
                ),
                message,
            )
            for case, message in (
                (CASE, "`samples` is missing"),
                ({**CASE, "samples": SIDES}, "`samples` has another form"),
                ({**CASE, "samples": {"original": []}}, "`replacement` is missing"),
                ({**CASE, "samples": None, "verdict": "fast"}, "'fast' is not a valid Verdict"),
            )
        ),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "old.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UnusableError) as caught:
        read_old_report(path)
    assert message in str(caught.value)
    assert str(caught.value).endswith(f"create it with `einlint verify --format json -o {path}`")
