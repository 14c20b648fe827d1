"""Which rewrites of a report are verified, and which reports say nothing here."""

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from einlint.verify import machine as room
from einlint.verify.machine import machine
from einlint.verify.report import Verdict
from einlint.verify.report_reader import ReportError, read_report

Record = dict[str, Any]

HERE = {**machine(), "torch": version("torch")}
PAIR = ("torch.einsum('i,i->', a, b)", "a @ b")


def entry(*verdicts: str) -> Record:
    cases = [{"verdict": verdict} for verdict in verdicts]
    return {"equation": "i,i->", "original": PAIR[0], "replacement": PAIR[1], "cases": cases}


def pairs(
    folder: Path, *results: Record, level: Verdict = Verdict.FASTER, **others: object
) -> frozenset[tuple[str, str]]:
    """What a report of this machine, with other parts in places, vouches for."""
    summary: Record = {"not_run": []}
    report = {"environment": HERE, "results": results, "summary": summary, **others}
    (folder / "r.json").write_text(json.dumps(report))
    return read_report(folder / "r.json", level).pairs


@pytest.mark.parametrize(
    ("level", "verdicts", "is_verified"),
    [
        (Verdict.FASTER, ("faster", "faster"), True),
        (Verdict.FASTER, ("faster", "same"), False),
        (Verdict.SAME, ("same", "faster"), True),
        (Verdict.SAME, ("same", "slower"), False),
        (Verdict.SAME, ("unsure", "faster"), False),
        (Verdict.SAME, ("faster", "wrong"), False),
        (Verdict.SAME, (), False),
    ],
)
def test_every_case_has_to_reach_the_level(
    tmp_path: Path, level: Verdict, verdicts: tuple[str, ...], is_verified: bool
) -> None:
    expected = {PAIR} if is_verified else set()
    assert pairs(tmp_path, entry(*verdicts), level=level) == expected


def test_a_rewrite_that_is_there_twice_has_to_be_good_twice(tmp_path: Path) -> None:
    assert pairs(tmp_path, entry("faster"), entry("faster"))
    assert not pairs(tmp_path, entry("faster"), entry("wrong"))


def test_cases_that_were_not_run_count(tmp_path: Path) -> None:
    left = {"equation": "i,i->", "replacement": "a @ b"}
    assert not pairs(tmp_path, entry("faster"), summary={"not_run": [left]})
    other = {**left, "equation": "ij,jk->ik"}
    assert pairs(tmp_path, entry("faster"), summary={"not_run": [other]})


def test_the_build_of_torch_does_not_count(tmp_path: Path) -> None:
    number = version("torch").partition("+")[0]
    for build in (number, f"{number}+other"):
        assert pairs(tmp_path, entry("faster"), environment={**HERE, "torch": build})


def test_where_torch_is_not_installed_its_version_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(room, "version", missing)
    assert pairs(tmp_path, entry("faster"), environment={**HERE, "torch": "0.4.1"})


def test_a_cpu_has_a_name_where_linux_tells_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_CPU_INFO", tmp_path / "missing")
    assert machine()["cpu"]


@pytest.mark.parametrize(
    ("name", "value"), [("host", "elsewhere"), ("cpu", "Z80"), ("torch", "0.4.1")]
)
def test_another_machine_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ReportError) as caught:
        pairs(tmp_path, entry("faster"), environment={**HERE, name: value})
    known = HERE[name].partition("+")[0]
    assert f"r.json was not measured here ({name} {value}, not {known}): rerun" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "r.json: No such file or directory"),
        ("{", "r.json is not JSON: "),
        ("[" * 100_000, "r.json is not JSON: "),
        ("\xff", "r.json is not JSON: "),
        (
            "[]",
            "r.json is not a report of verify: create it with `einlint verify --format json -o ",
        ),
        ("{}", "r.json: `environment` is not an object: create it with"),
        ('{"environment": {"torch": "2"}}', "r.json: `host` is not a string: create it with"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "r.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ReportError) as caught:
        read_report(tmp_path / "r.json", Verdict.FASTER)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"results": None}, "`results` is not a list of objects"),
        ({"results": [3]}, "`results` is not a list of objects"),
        ({"results": [{**entry(), "original": 3}]}, "`original` is not a string"),
        ({"results": [{**entry(), "cases": [{"sizes": {}}]}]}, "`verdict` is not a string"),
        ({"results": [entry("fast")]}, "`fast` is not a verdict"),
        ({"summary": {}}, "`not_run` is not a list of objects"),
    ],
)
def test_another_shape_is_refused(tmp_path: Path, change: Record, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        pairs(tmp_path, **change)
    assert f"r.json: {message}: create it with `einlint verify" in str(caught.value)
