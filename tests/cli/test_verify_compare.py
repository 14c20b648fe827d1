"""`einlint verify --compare OLD.json`: what changed since, as users and CI see it."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, einlint, write

pytest.importorskip("torch")

FAST = ("verify", "--isolated", "--preset", "tiny", "--threads", "1", "--no-backward")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a report."""
    folder = tmp_path_factory.mktemp("old")
    write(folder, {"a.py": SOURCE})
    done = einlint(*FAST, "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_a_report_says_where_it_comes_from(old: str) -> None:
    environment = json.loads(old)["environment"]
    assert environment["version"] == environment["einlint"]
    assert environment["command"] == f"einlint {' '.join(FAST)} --format json"
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", environment["date"])
    assert environment["device_name"] == environment["cpu"]
    assert environment["threads"] == 1
    assert 0 <= environment["busy"] <= 1
    assert 0 < environment["timed_seconds"] < environment["seconds"]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is one CPU")
def test_on_more_threads_the_system_tells_what_others_took(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    options = (*FAST, "--threads", "2", "--format", "json")
    found = json.loads(called(*options, cwd=tmp_path).stdout)
    busy = found["environment"]["busy"]
    assert (busy is not None) is Path("/proc/stat").exists()
    assert busy is None or 0 <= busy <= 1
    (case,) = found["results"][0]["cases"]
    assert (case["clock"], case["busy"], case["cpu_speedup"]) == ("wall", None, None)


def test_the_same_calls_are_compared_in_every_format(tmp_path: Path, old: str) -> None:
    write(tmp_path, {"a.py": SOURCE, "old.json": old})
    done = called(*FAST, "--compare", "old.json", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)["compared"]
    assert done.returncode == (1 if found["slower"] else 0)
    (case,) = found["cases"]
    assert set(case) == {"name", "change", "verdict", "original", "replacement", "ratio"}
    assert case["name"] == "bhqd,bhkd->bhqk b=2 h=2 q=8 d=8 k=8 float32 forward"
    assert case["verdict"]["before"] == "faster"
    for name in ("original", "replacement", "ratio"):
        assert set(case[name]) == {"median", "low", "high"}
    for extra in ((), ("--format", "html")):
        text = called(*FAST, "--budget", "0", "--compare", "old.json", *extra, cwd=tmp_path)
        assert b"1 gone" in text.stdout


def test_what_is_surely_slower_is_exit_code_1(tmp_path: Path, old: str) -> None:
    report = json.loads(old)
    for sides in (case["samples"] for each in report["results"] for case in each["cases"]):
        for visit in sides["replacement"]:
            visit[:] = [[calls, wall / 100, cpu / 100] for calls, wall, cpu in visit]
    write(tmp_path, {"a.py": SOURCE, "old.json": json.dumps(report)})
    done = called(*FAST, "--compare", "old.json", cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert "; the replacement takes " in done.stdout.decode().replace("forward: the", "; the")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threads": 64}, "old.json is from another kind of machine (threads 64, not 1)"),
        ({"device_name": "Z80"}, "old.json is from another kind of machine (device_name Z80, not "),
    ],
)
def test_the_times_of_another_machine_are_refused_before_anything_is_measured(
    tmp_path: Path, old: str, change: dict[str, object], message: str
) -> None:
    report = json.loads(old)
    report["environment"] |= change
    write(tmp_path, {"a.py": SOURCE, "old.json": json.dumps(report)})
    done = called(*FAST, "--compare", "old.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


@pytest.mark.parametrize(
    ("extra", "message"),
    [((), "nowhere.json: No such file"), (("--dry-run",), "nowhere.json: No such file")],
)
def test_an_old_report_that_is_not_there_is_an_error(
    tmp_path: Path, extra: tuple[str, ...], message: str
) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = called(*FAST, "--compare", "nowhere.json", *extra, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr.decode()


def test_a_dry_run_has_nothing_to_compare(tmp_path: Path, old: str) -> None:
    write(tmp_path, {"a.py": SOURCE, "old.json": old})
    done = called(*FAST, "--dry-run", "--compare", "old.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "`--dry-run` runs nothing" in done.stderr.decode()
