"""[tool.einlint] from the outside."""

import json
from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, findings, write

OUTER = 'import torch\n\nx = torch.einsum("i,j->ij", a, b)\n'
MATRICES = 'import torch\n\nx = torch.einsum("ij,kj->ik", a, b)\n'


def configure(folder: Path, table: str) -> None:
    write(folder, {"pyproject.toml": f"[tool.einlint]\n{table}\n"})


def fixed(folder: Path, source: str, *options: str) -> str:
    write(folder, {"a.py": source})
    called("--fix", *options, "a.py", cwd=folder)
    return (folder / "a.py").read_text()


@pytest.mark.parametrize(
    ("table", "source", "expected"),
    [
        ('extend-assume = ["no-autocast"]', OUTER, "torch.outer(a, b)"),
        ('assume = ["no-autocast"]', SOURCE, 'torch.einsum("bhqd,bhkd->bhqk", q, k)'),
        ("assume = []", SOURCE, 'torch.einsum("bhqd,bhkd->bhqk", q, k)'),
        ('transpose = "mT"', SOURCE, "return q @ k.mT\n"),
        ('transpose = "T"', SOURCE, "return q @ k.transpose(-2, -1)\n"),
        ('transpose = "T"', MATRICES, "x = a @ b.T\n"),
        ('transpose = "transpose"', MATRICES, "x = a @ b.transpose(-2, -1)\n"),
        ('transpose = "mT"', MATRICES, "x = a @ b.mT\n"),
        ('matmul = "function"', SOURCE, "return torch.matmul(q, k.transpose(-2, -1))\n"),
        ("annotate = true", SOURCE, "q @ k.transpose(-2, -1)  # bhqd,bhkd->bhqk\n"),
        ('ignore = ["EIN105"]', SOURCE, 'torch.einsum("bhqd,bhkd->bhqk", q, k)'),
    ],
)
def test_settings_change_the_fix(tmp_path: Path, table: str, source: str, expected: str) -> None:
    configure(tmp_path, table)
    assert expected in fixed(tmp_path, source)


def test_matmul_function_without_the_module_is_a_method(tmp_path: Path) -> None:
    configure(tmp_path, 'matmul = "function"')
    source = 'from torch import einsum\n\nx = einsum("ij,jk->ik", a + b, c)\n'
    assert fixed(tmp_path, source).endswith("\nx = (a + b).matmul(c)\n")


def test_isolated_ignores_the_configuration(tmp_path: Path) -> None:
    configure(tmp_path, "assume = []")
    assert "@" in fixed(tmp_path, SOURCE, "--isolated")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('x = torch.einsum(\n    "i,i->",\n    a, b)  # why\n', "x = a @ b  # why  # i,i->\n"),
        ('x = f("""\n{}""", torch.einsum("i,i->", a, b), """\n""")\n', 'a @ b, """\n""")\n'),
        ('x = torch.einsum("i,i->", a, b) + \\\n    1\n', "x = a @ b + \\\n    1\n"),
        (
            'x = torch.einsum("i,i->", a, b), torch.einsum("ij,j->i", a, b)\n',
            "x = a @ b, a @ b  # i,i->; ij,j->i\n",
        ),
        (
            'x = torch.einsum("i,i->", a, b) + torch.einsum(\n    "ij,j->i", a, b)\n',
            "x = a @ b + a @ b  # i,i->; ij,j->i\n",
        ),
        ('x = [\n    torch.einsum("i,i->", a, b),\r\n]', "    a @ b,  # i,i->\n]"),
    ],
)
def test_annotations_stand_where_a_comment_may(tmp_path: Path, source: str, expected: str) -> None:
    configure(tmp_path, "annotate = true")
    text = fixed(tmp_path, f"import torch\n{source}")
    assert text.endswith(expected)
    assert fixed(tmp_path, text) == text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("asume = []", "unknown key `asume`; did you mean `assume`?"),
        ('assume = ["equal-size"]', "unknown assumption `equal-size`; did you mean `equal-sizes`?"),
        ('assume = "equal-sizes"', "`assume` must be a list of strings"),
        ("select = [1]", "`select` must be a list of strings"),
        ('select = ["EIN15"]', "unknown rule code `EIN15`"),
        ('matmul = "dot"', '`matmul` must be "operator" or "function", not \'dot\''),
        ("annotate = 1", "`annotate` must be true or false"),
        ("annotate = ", "Invalid value"),
    ],
)
def test_wrong_settings_exit_with_two_and_name_the_place(
    tmp_path: Path, table: str, message: str
) -> None:
    configure(tmp_path, table)
    write(tmp_path, {"a.py": SOURCE})
    for path in (".", "a.py"):
        done = called(path, cwd=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr.decode()


def test_wrong_settings_of_one_folder_leave_the_others_checked(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE, "m/b.py": SOURCE, "m/pyproject.toml": "[tool.einlint]\nx = 1"})
    write(tmp_path, {"z.py": SOURCE})
    done = called("--output-format", "json", cwd=tmp_path)
    assert done.returncode == 2
    assert [each["filename"] for each in json.loads(done.stdout)] == ["a.py", "z.py"]
    assert done.stderr.decode().count("unknown key `x`") == 1


def test_the_nearest_configuration_wins(tmp_path: Path) -> None:
    configure(tmp_path, 'ignore = ["EIN105"]')
    write(tmp_path, {"a.py": SOURCE, "sub/b.py": SOURCE, "sub/deep/c.py": SOURCE})
    write(tmp_path, {"sub/einlint.toml": 'select = ["EIN1"]\n'})
    write(tmp_path, {"sub/deep/pyproject.toml": "[tool.other]\n"})
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["sub/b.py", "sub/deep/c.py"]


def test_command_line_comes_before_configuration(tmp_path: Path) -> None:
    configure(tmp_path, 'ignore = ["EIN105"]')
    write(tmp_path, {"a.py": SOURCE})
    assert findings(cwd=tmp_path) == []
    assert len(findings("--select", "EIN105", cwd=tmp_path)) == 1


def test_excluded_folders_are_not_visited_and_named_files_are(tmp_path: Path) -> None:
    configure(tmp_path, 'extend-exclude = ["legacy", "src/gen_*.py"]')
    write(
        tmp_path,
        {
            "legacy/a.py": SOURCE,
            "src/gen_a.py": SOURCE,
            "src/b.py": SOURCE,
            ".venv/c.py": SOURCE,
            "node_modules/d.py": SOURCE,
        },
    )
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["src/b.py"]
    assert [each["filename"] for each in findings("src", cwd=tmp_path)] == ["src/b.py"]
    assert len(findings("legacy/a.py", cwd=tmp_path)) == 1


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", ""),
        ('extend-assume = ["same-layout"]', ""),
        ('assume = ["equal-sizes", "ranks-fit"]', ""),
        ('assume = ["equal-sizes", "no-autocast"]', "`ranks-fit`"),
        ('assume = ["ranks-fit"]\nextend-assume = ["equal-sizes"]', ""),
        ("assume = []", "`equal-sizes` and `ranks-fit`"),
    ],
)
def test_a_list_that_grants_less_than_the_default_is_told(
    tmp_path: Path, table: str, told: str
) -> None:
    configure(tmp_path, table)
    write(tmp_path, {"a.py": "", "b.py": ""})
    for arguments in ((), ("verify", "--dry-run"), ("baseline", "-o", "known.json")):
        lines = called(*arguments, cwd=tmp_path).stderr.decode().splitlines()
        about = [line for line in lines if "`assume`" in line]
        assert len(about) == bool(told)
        assert not told or f"drops {told}, granted by default" in about[0]
    assert b"assume" not in called("-q", cwd=tmp_path).stderr


def test_the_grants_of_a_base_are_kept_beside_those_in_addition(tmp_path: Path) -> None:
    write(tmp_path, {"base.toml": 'extend-assume = ["no-autocast"]\n'})
    configure(tmp_path, 'extend = "base.toml"\nextend-assume = ["same-layout"]')
    assert fixed(tmp_path, OUTER).endswith("torch.outer(a, b)\n")


def test_what_depends_on_data_is_not_granted_by_a_list(tmp_path: Path) -> None:
    configure(tmp_path, 'assume = ["equal-sizes", "ranks-fit"]')
    source = 'import torch\n\nx = torch.einsum("bc,oc->bo", a.squeeze(), b)\n'
    assert fixed(tmp_path, source) == source
