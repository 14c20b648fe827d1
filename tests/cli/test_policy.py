"""What a report says by default, what it counts, and what stops a commit."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import called, einlint, findings, write

SAFE = 'x = torch.einsum("bhqd,bhkd->bhqk", q, k)\n'
UNPROVED = 'y = torch.einsum("i,j->ij", a, b)\n'
VIEWS = 'z = torch.einsum("bqhd,bkhd->bhqk", q, k)\n'
COMPLEX = 'w = torch.einsum("bi,oij,bj->bo", q, k, v)\n'
WRONG = 'v = torch.einsum("ij,jk->iz", a, b)\n'
EVERY = f"import torch\n\n{SAFE}{UNPROVED}{VIEWS}{COMPLEX}{WRONG}"
SPELLINGS = f"import torch\n\n{SAFE}{UNPROVED}{VIEWS}{COMPLEX}"


def reported(*options: str, cwd: Path) -> list[dict[str, Any]]:
    return list(json.loads(called("--output-format", "json", *options, cwd=cwd).stdout))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {"a.py": EVERY})
    return tmp_path


def test_what_is_wrong_and_what_is_safe_and_simple_is_reported(project: Path) -> None:
    found = reported(cwd=project)
    assert [(each["code"], each["pedantic"]) for each in found] == [
        ("EIN105", False),
        ("EIN003", False),
    ]


@pytest.mark.parametrize("how", ["option", "setting", "unsafe fixes", "not undone"])
def test_the_rest_is_reported_to_whoever_asks(project: Path, how: str) -> None:
    options = {"option": ("--pedantic",), "unsafe fixes": ("--unsafe-fixes",)}.get(how, ())
    if how in ("setting", "not undone"):
        write(project, {"einlint.toml": "pedantic = true\n"})
    if how == "not undone":
        options = ("--no-pedantic",)
    marks = [(each["code"], each["pedantic"]) for each in reported(*options, cwd=project)]
    more = [] if how == "not undone" else [("EIN102", True), ("EIN105", True)]
    assert marks == [("EIN105", False), *more, ("EIN003", False)]


def test_the_last_line_counts_the_rest(project: Path) -> None:
    text = called(cwd=project).stdout.decode()
    assert text.endswith("5 einsum calls: 1 wrong, 1 simpler, 2 more with --pedantic\n")
    text = called("--pedantic", cwd=project).stdout.decode()
    assert text.endswith("5 einsum calls: 1 wrong, 3 simpler\n")
    write(project, {"a.py": f"import torch\n\n{COMPLEX}"})
    assert called(cwd=project).stdout == b"All checks passed!\n"


def test_processes_count_alike(project: Path) -> None:
    write(project, {"b.py": EVERY})
    assert einlint("-j", "2", cwd=project).stdout == einlint(cwd=project).stdout


def test_a_commit_is_stopped_once_for_spellings(tmp_path: Path) -> None:
    """The first run of the hook changes the file, which stops the commit; the second is clean."""
    write(tmp_path, {"a.py": SPELLINGS})
    assert called("--fix", cwd=tmp_path).returncode == 0
    after = (tmp_path / "a.py").read_text()
    assert after == SPELLINGS.replace(SAFE, "x = q @ k.transpose(-2, -1)\n")
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == after


@pytest.mark.parametrize("how", ["fixed", "silenced", "accepted"])
def test_a_commit_is_stopped_for_what_is_wrong_until(project: Path, how: str) -> None:
    options: tuple[str, ...] = ("--fix",)
    assert [called(*options, cwd=project).returncode for _ in range(2)] == [1, 1]
    text = (project / "a.py").read_text()
    if how == "fixed":
        write(project, {"a.py": text.replace("->iz", "->ik")})
    elif how == "silenced":
        write(project, {"a.py": text.replace(WRONG, f"{WRONG.rstrip()}  # noqa: EIN003\n")})
    else:
        called("baseline", cwd=project)
        options = (*options, "--baseline", "einlint-baseline.json")
    assert called(*options, cwd=project).returncode == 0


def test_what_may_be_slower_is_shown_and_not_applied(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"import torch\n\n{VIEWS}"})
    (found,) = findings(cwd=tmp_path)
    assert found["fix"]["applicability"] == "display"
    assert found["fix"]["edits"]
    done = called("--fix", "--unsafe-fixes", cwd=tmp_path)
    assert done.returncode == 1
    assert (tmp_path / "a.py").read_text().endswith(VIEWS)
    write(tmp_path, {"einlint.toml": 'extend-assume = ["not-slower"]\n'})
    called("--fix", "--unsafe-fixes", cwd=tmp_path)
    assert "einsum" not in (tmp_path / "a.py").read_text()


def test_a_baseline_accepts_what_is_hidden_too(project: Path) -> None:
    done = called("baseline", cwd=project)
    assert b"accepts 4: 0 removed, 4 added." in done.stderr
    option = ("--baseline", "einlint-baseline.json")
    done = called(*option, cwd=project)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"All checks passed!\n4 findings accepted by the baseline.\n"
    assert called(*option, "--pedantic", cwd=project).returncode == 0
    # What only --pedantic reports does not fail the command that prunes the file either.
    write(project, {"a.py": EVERY + UNPROVED})
    assert called("baseline", cwd=project).returncode == 0
    assert called(*option, cwd=project).stdout.endswith(b"1 more with --pedantic\n")


def test_a_comment_for_a_hidden_finding_is_not_unused(tmp_path: Path) -> None:
    comment = f"{UNPROVED.rstrip()}  # einlint: ignore[EIN102]\n"
    write(tmp_path, {"a.py": f"import torch\n\n{comment}"})
    done = called("--extend-select", "EIN901", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"All checks passed!\n")


def test_comments_are_written_for_what_is_reported(project: Path) -> None:
    assert b"2 comments written." in called("--add-ignore", cwd=project).stderr
    assert b"2 comments written." in called("--add-ignore", "--pedantic", cwd=project).stderr


def test_statistics_count_every_call_by_what_it_is(project: Path) -> None:
    rows = json.loads(called("--statistics", "--output-format", "json", cwd=project).stdout)
    assert [(each["code"], each["name"], each["count"], each["pedantic"]) for each in rows] == [
        ("EIN003", "invalid-output", 1, False),
        ("EIN105", "einsum-batched-matmul", 1, False),
        ("EIN102", "einsum-outer", 1, True),
        ("EIN105", "einsum-batched-matmul", 1, True),
        (None, "batched-matmul", 2, False),
        (None, "complex", 1, False),
        (None, "invalid", 1, False),
        (None, "outer", 1, False),
    ]


@pytest.mark.parametrize(
    ("options", "table", "code"),
    [
        ((), "extend-select = ['EIN301']", 0),
        (("--pedantic",), "extend-select = ['EIN301']", 1),
        ((), "extend-select = ['EIN301']\npedantic = true", 1),
        (("--select", "EIN3"), "", 1),
        (("--extend-select", "ein301"), "", 1),
        (("--select", "ALL"), "", 1),
        (("--select", "EIN301", "--exit-zero"), "", 0),
    ],
)
def test_information_is_printed_and_stops_only_whoever_asks_for_it(
    tmp_path: Path, options: tuple[str, ...], table: str, code: int
) -> None:
    write(tmp_path, {"a.py": f"import torch\n\n{COMPLEX}", "einlint.toml": table})
    done = called("--output-format", "json", *options, cwd=tmp_path)
    assert [each["severity"] for each in json.loads(done.stdout)] == ["info"]
    assert done.returncode == code


def test_github_gitlab_and_sarif_have_a_level_for_information(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"import torch\n\n{COMPLEX}"})

    def text(name: str) -> str:
        done = called("--select", "EIN301", "--output-format", name, cwd=tmp_path)
        return done.stdout.decode()

    assert text("github").startswith("::notice ")
    assert json.loads(text("gitlab"))[0]["severity"] == "info"
    (run,) = json.loads(text("sarif"))["runs"]
    assert run["results"][0]["level"] == "note"
