"""Which rewrites of a report are verified, and which reports say nothing here."""

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from einlint.verify import machine as room
from einlint.verify.machine import cpu_name
from einlint.verify.report import Verdict
from einlint.verify.report_reader import ReportError, read_report

Record = dict[str, Any]

CPU = cpu_name()
HERE: Record = {
    "cpu": CPU,
    "cpus": os.cpu_count(),
    "device": "cpu",
    "device_name": CPU,
    "threads": 1,
    "torch": version("torch"),
    "busy": 0.01,
}
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


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({"lscpu": "Architecture: aarch64\nModel name:   Neoverse-N1\n"}, "Neoverse-N1"),
        ({"sysctl": "machdep.cpu.brand_string: Apple M2\n"}, "Apple M2"),
    ],
)
def test_a_cpu_has_its_name_where_proc_tells_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(room, "_CPU_INFO", tmp_path / "missing")
    monkeypatch.setattr(room, "_printed", lambda command: printed.get(command[0], ""))
    assert cpu_name() == expected


def test_a_command_that_is_missing_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_CPU_INFO", tmp_path / "missing")
    monkeypatch.setattr(room, "_CPU_COMMANDS", (("no-such-command",), ("false",)))
    assert cpu_name()


def test_the_name_of_the_host_does_not_count(tmp_path: Path) -> None:
    assert pairs(tmp_path, entry("faster"), environment={**HERE, "host": "elsewhere"})


CPUS = os.cpu_count() or 1


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"cpu": "Z80"}, f"cpu Z80, not {CPU}"),
        ({"torch": "0.4.1"}, f"torch 0.4.1, not {version('torch').partition('+')[0]}"),
        ({"threads": CPUS + 1}, f"threads {CPUS + 1} of {CPUS} CPUs, not of {CPUS}"),
        ({"threads": 2, "cpus": CPUS + 2}, f"threads 2 of {CPUS + 2} CPUs, not of {CPUS}"),
        ({"device": "cuda:0", "device_name": "H100"}, "device H100, not H200 or T4"),
    ],
)
def test_another_kind_of_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Record, difference: str
) -> None:
    monkeypatch.setattr(room, "_printed", lambda command: "T4\nH200\nT4\n")
    with pytest.raises(ReportError) as caught:
        pairs(tmp_path, entry("faster"), environment={**HERE, **change})
    assert f"r.json was not measured here ({difference}): rerun" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"cpus": CPUS + 2},  # one thread is one thread
        {"threads": CPUS},
        {"device": "cuda:0", "device_name": "H200"},
        {"busy": None},
    ],
)
def test_the_same_kind_of_machine_is_good_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Record
) -> None:
    monkeypatch.setattr(room, "_printed", lambda command: "T4\nH200\n")
    assert pairs(tmp_path, entry("faster"), environment={**HERE, **change})


def test_a_report_of_a_busy_machine_is_refused_unless_that_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as caught:
        pairs(tmp_path, entry("faster"), environment={**HERE, "busy": 0.48})
    assert "on a busy machine (other programs took 48 % of the time): rerun" in str(caught.value)
    assert str(caught.value).endswith("or add --accept-busy")
    assert read_report(tmp_path / "r.json", Verdict.FASTER, accept_busy=True).pairs == {PAIR}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "r.json: No such file or directory"),
        ("{", "r.json is not a report of verify: not JSON: "),
        ("[" * 100_000, "r.json is not a report of verify: not JSON: "),
        ("\xff", "r.json is not a report of verify: not JSON: "),
        ("[]", "not a JSON object: create it with `einlint verify --format json -o "),
        ("{}", "`environment` is missing: create it with"),
        (
            '{"environment": {"torch": "2"}, "results": [], "summary": {}}',
            "`cpu` is missing: create it with",
        ),
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
        ({"results": None}, "`results` is None"),
        ({"results": [3]}, "not a JSON object: 3"),
        ({"results": [{**entry(), "original": 3}]}, "`original` is 3"),
        ({"results": [{**entry(), "cases": [{"sizes": {}}]}]}, "`verdict` is missing"),
        ({"results": [entry("fast")]}, "`fast` is not a verdict"),
        ({"summary": {}}, "`not_run` is missing"),
    ],
)
def test_another_shape_is_refused(tmp_path: Path, change: Record, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        pairs(tmp_path, **change)
    assert f"not a report of verify: {message}: create it with `einlint verify" in str(caught.value)
