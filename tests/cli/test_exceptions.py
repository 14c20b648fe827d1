"""Exceptions: `per-file-ignores` for some files, `allow` for some equations."""

from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, findings, write

EQUATIONS = """import torch

a = torch.einsum("bhqd,bhkd->bhqk", q, k)
b = torch.einsum("abcd,abed->abce", q, k)
c = torch.einsum("bhqd,bhdk->bhqk", q, k)
d = torch.einsum("ij,jk", q, k)
e = torch.einsum("bnsk,bnsh->bnsh", q, k)
"""


def codes(*options: str, cwd: Path) -> list[tuple[int, str]]:
    return [(each["location"]["row"], each["code"]) for each in findings(*options, cwd=cwd)]


@pytest.mark.parametrize(
    ("pattern", "code", "left"),
    [
        ("tests/*", "EIN105", ["a.py"]),
        ("tests", "EIN1", ["a.py"]),
        ("tests/deep/", "ALL", ["a.py", "tests/b.py"]),
        ("**/c.py", "EIN10", ["a.py", "tests/b.py"]),
        ("*.py", "EIN101", ["a.py", "tests/b.py", "tests/deep/c.py"]),
    ],
)
def test_codes_are_ignored_in_some_files(
    tmp_path: Path, pattern: str, code: str, left: list[str]
) -> None:
    table = f'select = ["EIN105"]\nper-file-ignores = {{ "{pattern}" = ["{code}"] }}\n'
    write(tmp_path, {"einlint.toml": table})
    write(tmp_path, dict.fromkeys(("a.py", "tests/b.py", "tests/deep/c.py"), SOURCE))
    assert [each["filename"] for each in findings(cwd=tmp_path)] == left
    named = findings("a.py", "tests/b.py", "tests/deep/c.py", cwd=tmp_path)
    assert [each["filename"] for each in named] == left


def test_codes_are_ignored_in_standard_input(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": 'per-file-ignores = { "tests/*" = ["EIN105"] }\n'})
    options = ("--select", "EIN105", "-", "--stdin-filename")
    data = SOURCE.encode()
    assert findings(*options, "tests/a.py", cwd=tmp_path, stdin=data) == []
    assert len(findings(*options, "a.py", cwd=tmp_path, stdin=data)) == 1


def test_what_is_ignored_in_a_file_is_not_fixed_there(tmp_path: Path) -> None:
    write(
        tmp_path, {"einlint.toml": 'per-file-ignores = { "a.py" = ["EIN105"] }\n', "a.py": SOURCE}
    )
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == SOURCE


@pytest.mark.parametrize(
    ("equation", "left"),
    [
        ("bhqd,bhkd->bhqk", [5, 6, 7]),
        ("ABCD, ABED -> ABCE", [5, 6, 7]),
        ("xy,yz", [3, 4, 5, 7]),
        ("ba,ac->bc", [3, 4, 5, 7]),
        ("ij,jk->ki", [3, 4, 5, 6, 7]),
    ],
)
def test_allowed_equations_are_kept_whatever_their_letters(
    tmp_path: Path, equation: str, left: list[int]
) -> None:
    write(tmp_path, {"einlint.toml": f'allow = ["{equation}"]\n', "a.py": EQUATIONS})
    assert [row for row, _ in codes(cwd=tmp_path)] == left


def test_a_suspicious_equation_is_told_though_it_is_allowed(tmp_path: Path) -> None:
    table = 'allow = ["bnsk,bnsh->bnsh", "bhqd,bhkd->bhqk", "ij,jk"]\n'
    write(tmp_path, {"einlint.toml": table, "a.py": EQUATIONS})
    found = codes("--select", "ALL", cwd=tmp_path)
    assert {(6, "EIN006"), (7, "EIN005")} <= set(found)
    assert not [code for row, code in found if row != 5 and code[3] in "123"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('allow = ["ij,jk->iz"]', "`allow`: 'ij,jk->iz' is not an equation"),
        ('allow = "ij,jk"', "`allow` must be a list of strings"),
        ('per-file-ignores = ["EIN105"]', "`per-file-ignores` must be a table"),
        ('per-file-ignores = { "a" = "EIN105" }', "`per-file-ignores.a` must be a list of strings"),
        ('per-file-ignores = { "a" = ["EIN15"] }', "unknown rule code `EIN15`"),
        ('unfixable = ["EIN15"]', "unknown rule code `EIN15`"),
        ("force-exclude = 1", "`force-exclude` must be true or false, not 1"),
        ("respect-gitignor = true", "did you mean `respect-gitignore`?"),
    ],
)
def test_wrong_exceptions_exit_with_two(tmp_path: Path, table: str, message: str) -> None:
    write(tmp_path, {"einlint.toml": table})
    done = called(cwd=tmp_path)
    assert (done.returncode, message in done.stderr.decode()) == (2, True), done.stderr
