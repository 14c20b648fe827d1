"""What is right is not called wrong: some of the cases that `benchmarks/right_cases.py` counts."""

import importlib

import pytest

from tests.conftest import ROOT


def test_no_right_replacement_is_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    right = importlib.import_module("right_cases")
    monkeypatch.setattr(right, "MANY_PRODUCTS", right.MOST_PRODUCTS)
    cases = list(right.right_cases(80, seed=20261128))
    assert len({case[3] for case in cases}) == len(right.DTYPES)
    assert [case for case in cases if right.fault_of(*case)] == []


def test_a_wrong_one_would_be_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    right = importlib.import_module("right_cases")
    monkeypatch.setattr(right, "spellings", lambda equation: ["a + 1"])
    monkeypatch.setattr("sys.argv", ["right_cases.py", "--count", "3"])
    assert right.main() == 1
    assert "3 false `wrong`" in capsys.readouterr().out
