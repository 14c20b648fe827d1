"""einlint [check] from the outside: exit codes, options, formats, bad input."""

import json
from pathlib import Path

import pytest

from einlint.output.formats import json as json_format
from tests.cli.run import FIXED, SOURCE, called, einlint, findings, write

INVALID = 'import torch\n\ntorch.einsum("ij,jk->ik", a\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {"src/attention.py": SOURCE, "src/other.py": "x = 1\n"})
    return tmp_path


def test_a_finding_exits_with_one_and_shows_the_code(project: Path) -> None:
    done = einlint("src", cwd=project)
    text = done.stdout.decode()
    assert done.returncode == 1
    assert "EIN105 [*] `bhqd,bhkd->bhqk` is a batched matrix product" in text
    assert "--> src/attention.py:5:12" in text
    assert '5 |     return torch.einsum("bhqd,bhkd->bhqk", q, k)\n  |            ^^^^^' in text
    assert "help: Replace with `q @ k.transpose(-2, -1)`" in text
    assert "Found 1 finding." in text


@pytest.mark.parametrize("arguments", [(), (".",), ("check",), ("check", "."), ("check", "src")])
def test_check_is_the_default_command_and_here_the_default_path(
    project: Path, arguments: tuple[str, ...]
) -> None:
    done = called(*arguments, "--output-format", "concise", cwd=project)
    assert done.stdout.startswith(b"src/attention.py:5:12: EIN105 [*] ")
    assert done.returncode == 1


def test_nothing_to_say_exits_with_zero(tmp_path: Path) -> None:
    write(tmp_path, {"clean.py": "import torch\n"})
    done = called(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"All checks passed!\n")


def test_without_fix_nothing_is_written(project: Path) -> None:
    for options in ((), ("--diff",), ("--unsafe-fixes",), ("--diff", "--fix")):
        called(*options, cwd=project)
        assert (project / "src/attention.py").read_text() == SOURCE


def test_fix_writes_and_a_second_fix_does_not(project: Path) -> None:
    done = einlint("--fix", "src", cwd=project)
    assert done.returncode == 0
    assert done.stdout.endswith(b"\nFixed 1 finding, 0 left.\n")
    path = project / "src/attention.py"
    assert path.read_text() == FIXED
    before = path.stat()  # the inode tells a rename, the time a write
    assert einlint("--fix", "src", cwd=project).returncode == 0
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_diff_shows_what_fix_would_do(project: Path) -> None:
    done = einlint("--diff", "src", cwd=project)
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert lines[:2] == ["--- src/attention.py", "+++ src/attention.py"]
    assert '-    return torch.einsum("bhqd,bhkd->bhqk", q, k)' in lines
    assert "+    return q @ k.transpose(-2, -1)" in lines
    assert einlint("--diff", "src/other.py", cwd=project).returncode == 0


def test_unsafe_fixes_are_applied_on_request(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import torch\n\nx = torch.einsum("i,j->ij", a, b)\n'})
    done = called("--fix", "--pedantic", cwd=tmp_path)
    assert done.returncode == 1
    assert b"note: safe if the call is not inside an autocast region" in done.stdout
    assert called("--fix", "--unsafe-fixes", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text().endswith("x = torch.outer(a, b)\n")


def test_json_is_what_the_contract_says(project: Path) -> None:
    (finding,) = findings("src", cwd=project)
    assert finding == {
        "code": "EIN105",
        "name": "einsum-batched-matmul",
        "message": "`bhqd,bhkd->bhqk` is a batched matrix product",
        "severity": "warning",
        "filename": "src/attention.py",
        "cell": None,
        "location": {"row": 5, "column": 12},
        "end_location": {"row": 5, "column": 49},
        "api": "torch.einsum",
        "equation": "bhqd,bhkd->bhqk",
        "canonical": "abcd,abed->abce",
        "kind": "batched-matmul",
        "roles": {
            "batch": "bh",
            "contracted": "d",
            "free_left": "q",
            "free_right": "k",
            "summed": "",
            "diagonal": "",
        },
        "fix": {
            "applicability": "safe",
            "message": "Replace with `q @ k.transpose(-2, -1)`",
            "assumptions": [
                {
                    "name": "equal-sizes",
                    "text": "`d` has one size in both operands",
                    "proved_by": None,
                    "granted": True,
                },
                {
                    "name": "ranks-fit",
                    "text": "the operands have the ranks of the equation, which einsum checks",
                    "proved_by": None,
                    "granted": True,
                },
            ],
            "edits": [
                {
                    "content": "q @ k.transpose(-2, -1)",
                    "location": {"row": 5, "column": 12},
                    "end_location": {"row": 5, "column": 49},
                }
            ],
        },
        "notes": [],
        "pedantic": False,
        "url": None,
    }


def test_columns_count_characters(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import torch\n\né = "𝔘é"; x = torch.einsum("i,i->", é, b)\n'})
    (finding,) = findings(cwd=tmp_path)
    assert finding["location"] == {"row": 3, "column": 15}
    assert finding["end_location"] == {"row": 3, "column": 42}


def test_edits_of_one_finding_alone_give_a_correct_file(tmp_path: Path) -> None:
    text = (
        'import torch\n\nx = 2 * torch.einsum("i,i->",\n    a, b) + torch.einsum("i,i->", c, d)\n'
    )
    write(tmp_path, {"a.py": text})
    first, second = findings(cwd=tmp_path)
    assert edited(text, first) == text.replace('torch.einsum("i,i->",\n    a, b)', "(a @ b)")
    assert edited(text, second) == text.replace('torch.einsum("i,i->", c, d)', "c @ d")


def edited(text: str, finding: dict[str, object]) -> str:
    """The text with the edits of a finding, applied from its JSON alone."""
    lines = text.splitlines(keepends=True)

    def offset(place: dict[str, int]) -> int:
        return sum(map(len, lines[: place["row"] - 1])) + place["column"] - 1

    (edit,) = finding["fix"]["edits"]  # type: ignore[index]
    start, end = offset(edit["location"]), offset(edit["end_location"])
    return text[:start] + edit["content"] + text[end:]


def test_jsonl_has_one_object_a_line(project: Path) -> None:
    done = called("--output-format", "jsonl", cwd=project)
    (line,) = done.stdout.decode().splitlines()
    assert [json.loads(line)] == findings(cwd=project)


def test_github_annotates_lines(project: Path) -> None:
    write(project, {"b,:%.py": 'import torch\nx = torch.einsum(\n    "i,i->", a, b)\n'})
    first, second = called("--output-format", "github", cwd=project).stdout.decode().splitlines()
    assert first.startswith(
        "::warning title=einlint (EIN101),file=b%2C%3A%25.py,line=2,endLine=3::"
        "b,:%25.py:2:5: EIN101 "
    )
    assert "file=src/attention.py,line=5,col=12,endLine=5,endColumn=49::" in second


@pytest.mark.parametrize(
    ("name", "empty"),
    [("json", b"[]\n"), ("jsonl", b""), ("github", b""), ("full", b"All checks passed!\n")],
)
def test_formats_with_nothing_found(tmp_path: Path, name: str, empty: bytes) -> None:
    assert called("--output-format", name, cwd=tmp_path).stdout == empty


def test_machine_formats_are_never_coloured(project: Path) -> None:
    for name in ("json", "jsonl", "github"):
        done = called("--color", "always", "--output-format", name, cwd=project)
        assert b"\x1b" not in done.stdout
    assert json_format.FORMAT.is_for_people is False


@pytest.mark.parametrize(
    ("options", "environment", "is_coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(
    project: Path, options: tuple[str, ...], environment: dict[str, str], is_coloured: bool
) -> None:
    done = called(*options, cwd=project, environment=environment)
    assert (b"\x1b[" in done.stdout) == is_coloured


def test_select_ignore_and_extend_select(tmp_path: Path) -> None:
    calls = 'torch.einsum("ij,jk", a, b)\ntorch.einsum("abc,abc,ad->d", a, b, c)\n'
    write(tmp_path, {"a.py": f"import torch\n\n{calls}"})

    def codes(*options: str) -> list[str]:
        return [finding["code"] for finding in findings(*options, cwd=tmp_path)]

    assert codes() == ["EIN104"]
    assert codes("--select", "EIN0") == ["EIN006"]
    assert codes("--extend-select", "EIN006") == ["EIN006", "EIN104"]
    assert codes("--select", "ALL", "--ignore", "EIN1,EIN006") == ["EIN301", "EIN301"]
    assert codes("--select", "ALL") == ["EIN006", "EIN104", "EIN301"]
    assert codes("--ignore", "EIN1") == []
    assert codes("--select", "EIN104", "--ignore", "EIN1") == ["EIN104"]
    assert codes("--select", "ein104") == ["EIN104"]


def test_statistics_count_by_code_and_equation_and_what_cannot_be_judged(tmp_path: Path) -> None:
    dots = 'torch.einsum("k,k->", a, b)\n' + 'torch.einsum("i,i->", a, b)\n' * 2
    calls = f'{dots}torch.einsum("i,i", a, b)\ntorch.einsum("ij->", a)\ntorch.einsum(x, a)\n'
    write(tmp_path, {"a.py": f"import torch\n{calls}"})
    assert called("--statistics", cwd=tmp_path).stdout.decode() == (
        "4\tEIN101\t[*] einsum-dot\n\t4\ti,i->\n"
        "1\tEIN109\teinsum-reduction (with --pedantic)\n\t1\tij->\n"
        "4\t-\tdot\n\t4\ti,i->\n1\t-\treduction\n\t1\tij->\n1\t-\tunknown-equation\n"
    )
    rows = findings("--statistics", cwd=tmp_path)
    assert rows[0] == {
        "code": "EIN101",
        "name": "einsum-dot",
        "count": 4,
        "fixable": True,
        "pedantic": False,
        "equations": [{"equation": "i,i->", "count": 4}],
    }
    assert rows[-1] == {
        "code": None,
        "name": "unknown-equation",
        "count": 1,
        "fixable": False,
        "pedantic": False,
        "equations": [],
    }


def test_exit_zero_forgives_findings_only(project: Path) -> None:
    assert called("--exit-zero", cwd=project).returncode == 0
    assert called("--exit-zero", "--diff", cwd=project).returncode == 0
    assert called("--exit-zero", "nowhere.py", cwd=project).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.py",), "path does not exist: nowhere.py"),
        (("verfy", "src"), "path does not exist: verfy; did you mean `verify`?"),
        (("--select", "EIN15"), "unknown rule code `EIN15`"),
        (("--select", "EIN1O5"), "did you mean `EIN105`?"),
        (("--ignore", "XYZ"), "unknown rule code `XYZ`"),
        (("--output-format", "xml"), "'xml' is not one of"),
        (("-", "src"), "`-` cannot be combined with other paths"),
        (("--no-such-option",), "No such option"),
    ],
)
def test_usage_errors_exit_with_two(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = called(*arguments, cwd=project)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert done.stdout == b""


def test_warnings_about_the_source_are_not_ours(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import torch\n\nx = "\\d", torch.einsum("i,i->", a, b)\n'})
    # The last is what libcst 1.1 imports.
    warnings = "error,ignore:mypy_extensions.TypedDict is deprecated:DeprecationWarning"
    done = einlint("--fix", cwd=tmp_path, environment={"PYTHONWARNINGS": warnings})
    assert (done.returncode, done.stderr) == (0, b"unused now: torch, a.py:1\n")


def test_an_equation_with_a_line_break_is_shown_on_one_line(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import torch\n\ntorch.einsum("ij,\\njk->ik", a, b)\n'})
    done = called("--output-format", "concise", cwd=tmp_path)
    assert done.stdout.startswith(rb"a.py:3:1: EIN001 `ij,\njk->ik` is invalid: ")


def test_stdin(project: Path) -> None:
    done = einlint(
        "-",
        "--stdin-filename",
        "src/x.py",
        "--output-format",
        "concise",
        cwd=project,
        stdin=SOURCE.encode(),
    )
    assert done.stdout.startswith(b"src/x.py:5:12: EIN105 ")
    assert done.returncode == 1
    assert findings("-", cwd=project, stdin=SOURCE.encode())[0]["filename"] == "-"


def test_stdin_with_fix_prints_the_source_and_nothing_else(project: Path) -> None:
    source = SOURCE + '\n\nx = torch.einsum("ij->ji", a)\r\n'
    done = einlint("--fix", "-", cwd=project, stdin=source.encode())
    assert done.stdout.decode() == source.replace(SOURCE, FIXED)
    assert b"1 more with --pedantic" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("data", [b"", b"x = 1", INVALID.encode(), b"einsum \xff\n"])
def test_stdin_with_fix_loses_nothing(project: Path, data: bytes) -> None:
    assert called("--fix", "-", cwd=project, stdin=data).stdout == data


def test_stdin_with_diff_prints_the_diff_only(project: Path) -> None:
    done = einlint("--diff", "--fix", "-", cwd=project, stdin=SOURCE.encode())
    assert done.stdout.startswith(b"--- -\n+++ -\n@@")
    assert done.returncode == 1


def test_version_and_help(tmp_path: Path) -> None:
    assert einlint("--version", cwd=tmp_path).stdout.startswith(b"einlint, version ")
    assert b"explain" in einlint("--help", cwd=tmp_path).stdout
    assert b"--unsafe-fixes" in einlint("check", "--help", cwd=tmp_path).stdout


def test_rule_prints_its_page(tmp_path: Path) -> None:
    done = einlint("rule", "EIN105", cwd=tmp_path)
    assert done.stdout.startswith(b"# einsum-batched-matmul (EIN105)\n")
    assert b"## When to keep einsum" in done.stdout
    assert einlint("rule", "einsum-batched-matmul", cwd=tmp_path).stdout == done.stdout
    wrong = einlint("rule", "EIN15", cwd=tmp_path)
    assert wrong.returncode == 2
    assert b"unknown rule code `EIN15`; did you mean" in wrong.stderr


def test_the_help_says_of_every_command_what_it_does(tmp_path: Path) -> None:
    rows = called("--help", cwd=tmp_path).stdout.decode().partition("Commands:\n")[2].splitlines()
    assert len(rows) >= 7
    assert all(row.endswith(".") and not row.endswith("...") for row in rows), rows
