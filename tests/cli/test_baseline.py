"""Baselines: old findings stay accepted whatever moves; new and stale ones are reported."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from einlint.project.baseline import BaselineError, read_baseline
from tests.cli.run import called, einlint, write
from tests.cli.test_notebooks import DOT, notebook

FILE = "einlint-baseline.json"
STALE = "accepted findings that no longer occur"
BEFORE = """import torch


class Attention:
    def scores(self, q, k):
        return torch.einsum("bhqd,bhkd->bhqk", q, k)


def product(a, b):
    c = torch.einsum("ij,jk->ik", a, b)
    return torch.einsum("ij,jk->ik", c, b)
"""
PRODUCT = BEFORE[BEFORE.index("def product") :]
NEW = '\n\ndef new(a, b):\n    return torch.einsum("ij,jk->ik", a, b)\n'


ACCEPTED = """{
  "version": 1,
  "findings": [
    {"file": "src/a.py", "function": "Attention.scores", "code": "EIN105", \
"equation": "abcd,abed->abce", "count": 1},
    {"file": "src/a.py", "function": "product", "code": "EIN104", \
"equation": "ab,bc->ac", "count": 2}
  ]
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with `src/a.py`, and what is found in it accepted."""
    write(tmp_path, {"src/a.py": BEFORE, FILE: ACCEPTED})
    return tmp_path


def check(*arguments: str, cwd: Path, stdin: bytes = b"") -> CompletedProcess[bytes]:
    return called("--baseline", FILE, *arguments, cwd=cwd, stdin=stdin)


def found(*arguments: str, cwd: Path, stdin: bytes = b"") -> list[dict[str, Any]]:
    done = check("--output-format", "json", *arguments, cwd=cwd, stdin=stdin)
    return list(json.loads(done.stdout))


def test_the_file_has_a_row_for_each_kind(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": BEFORE})
    done = einlint("baseline", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == f"{FILE} accepts 3: 0 removed, 3 added.\n"
    assert (tmp_path / FILE).read_text() == ACCEPTED


@pytest.mark.parametrize(
    "text",
    [
        BEFORE,
        f"\n\n{BEFORE}",
        BEFORE.replace("ij,jk->ik", "x k, k y -> x y"),
        BEFORE.replace(PRODUCT, "").replace("class", f"{PRODUCT}\n\nclass"),
        BEFORE.replace("self, q, k", "self, q, k, f=lambda a: a"),
    ],
    ids=["same", "rows", "letters", "order", "unseen"],
)
def test_nothing_reopens(project: Path, text: str) -> None:
    (project / "src/a.py").write_text(text)
    done = einlint("--baseline", FILE, "-j", "2", cwd=project)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"All checks passed!\n3 findings accepted by the baseline.\n"


def test_a_new_call_is_one_finding(project: Path) -> None:
    (project / "src/a.py").write_text(BEFORE + NEW)
    (new,) = found(cwd=project)
    assert (new["code"], new["location"]["row"], new["notes"]) == ("EIN104", 15, [])
    again = '    return torch.einsum("pq,qr->pr", c, c)\n'
    (project / "src/a.py").write_text(BEFORE.replace("return torch", "c = torch") + again)
    (new,) = found(cwd=project)
    assert new["location"]["row"] == 12
    assert "the baseline accepts 2 like this" in new["notes"][-1]


def test_stale_findings_are_reported_and_removed(project: Path) -> None:
    (project / "src/a.py").write_text(BEFORE.replace(PRODUCT, "") + NEW)
    done = check("src", cwd=project)
    assert done.returncode == 1
    assert done.stderr.decode() == f"{STALE}: 2; run `einlint baseline -o {FILE}` to remove them\n"
    assert check("--quiet", cwd=project).stderr == b""
    done = called("baseline", "-o", FILE, cwd=project)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        f"{FILE} accepts 1: 2 removed, 0 added.\n"
        "1 more not accepted: fix them, or accept them with --grow.\n"
    )
    assert [each["location"]["row"] for each in found(cwd=project)] == [12]
    assert called("baseline", "--grow", cwd=project).returncode == 0
    assert found(cwd=project) == []


def test_what_was_not_checked_is_not_stale(project: Path) -> None:
    write(project, {"b.py": "import torch\n"})
    for options in (("b.py",), ("--select", "EIN105"), ("--diff",)):
        assert STALE.encode() not in check(*options, cwd=project).stderr
    (project / "src/a.py").write_text("torch.einsum(")
    done = check(cwd=project)
    assert (done.returncode, done.stderr) == (1, b"")
    assert called("baseline", "src", cwd=project).returncode == 1
    assert check("b.py", cwd=project).stderr == b""
    (project / "src/a.py").unlink()
    assert check("b.py", cwd=project).stderr.startswith(f"{STALE}: 3;".encode())


def test_nothing_is_written_if_something_could_not_be_checked(project: Path) -> None:
    before = (project / FILE).read_text()
    write(project, {"src/a.py": "", "other/einlint.toml": "x = 1\n", "other/a.py": BEFORE})
    done = called("baseline", cwd=project)
    assert done.returncode == 2
    assert f"{FILE} was not written.\n" in done.stderr.decode()
    assert (project / FILE).read_text() == before


def test_fixes_apply_to_what_is_accepted(project: Path) -> None:
    (project / "src/a.py").write_text(BEFORE + '\n\nx = torch.einsum("i,j->ij", y, z)\n')
    done = check("--fix", "--pedantic", cwd=project)
    assert done.returncode == 1
    assert b"Fixed 3 findings, 1 left." in done.stdout
    assert done.stderr.startswith(f"{STALE}: 3;".encode())
    assert (project / "src/a.py").read_text().count("einsum") == 1


def test_the_files_are_those_beside_the_baseline(project: Path) -> None:
    done = called("--baseline", f"../{FILE}", "a.py", cwd=project / "src")
    assert (done.returncode, done.stderr) == (0, b"")
    done = called("baseline", "-o", "sub/b.json", str(project / "src"), cwd=project)
    assert '"file": "../src/a.py"' in (project / "sub/b.json").read_text()


def test_standard_input(project: Path) -> None:
    text = (BEFORE + NEW).encode()
    arguments = ("-", "--stdin-filename", "src/a.py")
    assert len(found(*arguments, cwd=project, stdin=text)) == 1
    done = check("-", cwd=project, stdin=text)
    assert done.returncode == 2
    assert b"add --stdin-filename" in done.stderr


def test_cells_of_a_notebook_may_move(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": notebook("import torch", DOT)})
    called("baseline", cwd=tmp_path)
    write(tmp_path, {"a.ipynb": notebook("import torch", "y = 1", DOT)})
    assert found(cwd=tmp_path) == []
    write(tmp_path, {"a.ipynb": notebook("import torch", DOT, DOT)})
    assert [each["cell"] for each in found(cwd=tmp_path)] == [3]


def test_findings_without_a_call_or_an_equation(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "torch.einsum(",
            "b.py": 'import torch  # einlint: ignore\ntorch.einsum("i->j", a)\n',
        },
    )
    called("baseline", "--extend-select", "EIN901", cwd=tmp_path)
    rows = json.loads((tmp_path / FILE).read_text())["findings"]
    assert [(each["code"], each["equation"]) for each in rows] == [
        *(("EIN000", ""), ("EIN003", "i->j"), ("EIN901", "")),
    ]
    assert found("--extend-select", "EIN901", cwd=tmp_path) == []


@pytest.mark.parametrize("name", ["sarif", "junit"])
def test_no_format_reports_what_is_accepted(project: Path, name: str) -> None:
    done = check("--output-format", name, cwd=project)
    assert (done.returncode, b"src/a.py" in done.stdout) == (0, False)


ROW = {"file": "a.py", "function": "", "code": "EIN101", "equation": "a,a->", "count": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "`version` is missing"),
        ('{"version": 2}', "version 2: einlint reads only 1"),
        ('{"version": 1}', "`findings` is missing"),
        ('{"version": 1, "findings": [3]}', "not a JSON object: 3"),
        (json.dumps({"version": 1, "findings": [{**ROW, "file": 3}]}), "`file` is 3"),
        (json.dumps({"version": 1, "findings": [{**ROW, "count": 0}]}), "from 1, not 0"),
    ],
)
def test_what_is_no_baseline(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(BaselineError) as raised:
        read_baseline(tmp_path / FILE)
    assert message in str(raised.value)
    assert str(raised.value).endswith("delete it and run `einlint baseline` to write a new one")


def test_a_wrong_baseline_is_wrong_usage(tmp_path: Path) -> None:
    done = check(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    way_out = f"no such file; `einlint baseline -o {FILE}` writes it"
    assert f"Error: {FILE}: {way_out}" in done.stderr.decode()
    (tmp_path / FILE).write_text("<<<<<<< HEAD")
    assert called("baseline", cwd=tmp_path).returncode == 2
    assert (tmp_path / FILE).read_text() == "<<<<<<< HEAD"


def test_comments_and_a_baseline_cannot_be_combined(project: Path) -> None:
    done = check(".", "--add-ignore", cwd=project)
    assert done.returncode == 2
    assert b"--add-ignore and --baseline cannot be combined" in done.stderr
