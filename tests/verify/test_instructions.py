"""Counting instructions: only what is asked for, and never longer than there is time."""

import os
import signal

import pytest

from einlint.verify import counted
from einlint.verify.instructions import instructions, missing
from einlint.verify.measure import NoTimeError
from einlint.verify.report import Case, Measurement, Mode, Result, Spread, Verdict
from tests.verify.jobs import rewrite

PAIR = rewrite("i,i->", "a @ b").pair


def result(size: int, mode: Mode) -> Result:
    side = Measurement(Spread(1e-6, 1e-8), None, 1, None)
    case = Case((("i", size),), "float32", "cpu", mode)
    return Result(case, Verdict.SAME, original=side, replacement=side)


def counts(results: list[Result]) -> list[int | None]:
    return [each.replacement.instructions if each.replacement else None for each in results]


RESULTS = [result(64, Mode.FORWARD), result(8, Mode.FORWARD), result(8, Mode.BACKWARD)]


def test_the_smallest_forward_case_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "instructions", lambda text, *others: len(text))
    made = counted.with_instructions(PAIR, "a @ b", RESULTS, lambda: 1.0)
    assert counts(made) == [None, len("a @ b"), None]


def test_no_time_is_said() -> None:
    made = counted.with_instructions(PAIR, "a @ b", RESULTS, lambda: 0.0)
    assert counts(made) == [None, None, None]
    assert made[1].note == "instructions: no time was left to count them"


@pytest.mark.skipif(missing() is not None, reason="valgrind is not installed")
def test_a_count_that_takes_too_long_is_ended() -> None:
    path, handler = os.environ["PATH"], signal.getsignal(signal.SIGALRM)
    with pytest.raises(NoTimeError):
        instructions("a @ b", ("a", "b"), ((8,), (8,)), "float32", 0.5)
    assert (os.environ["PATH"], signal.getsignal(signal.SIGALRM)) == (path, handler)
