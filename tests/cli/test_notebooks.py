"""Notebooks from the outside: found, checked, fixed and silenced, whatever holds them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import called, einlint, findings
from tests.conftest import ROOT

DOT = 'x = torch.einsum("i,i->", a, b)'
FIXED = "x = a @ b"


def notebook(*cells: str, **others: Any) -> str:
    """A notebook in the layout of Jupyter."""
    written = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(True),
        }
        for cell in cells
    ]
    whole = {"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **others}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


BEFORE = notebook("import torch", f"%%capture\n{DOT}\n{DOT}", f"{DOT}  # noqa")
AFTER = BEFORE.replace('torch.einsum(\\"i,i->\\", a, b)', "a @ b", 2)


@pytest.mark.parametrize(
    ("cell", "fixed"),
    [
        ("# einlint: ignore-file[EIN105]\n%%bash\nls", "#\n%%bash\nls"),
        ("\n# a\n# noqa: EIN105\n%%bash\nls", "\n# a\n#\n%%bash\nls"),
        ("# noqa: EIN105\nx = 1\n%%bash\nls", "x = 1\n%%bash\nls"),
        ("x = 1\ny = 2\nz = 3\n# noqa: EIN105\n%time\n", "x = 1\ny = 2\nz = 3\n%time\n"),
    ],
)
def test_a_comment_over_a_magic_goes_and_the_magic_stays_what_it_is(
    tmp_path: Path, cell: str, fixed: str
) -> None:
    """Without a line there, `%%bash` would be the magic of its cell; nothing was fixed at all."""
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(f"import torch\n{DOT}", cell))
    done = called("--extend-select", "EIN901", "--fix", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert path.read_text() == notebook(f"import torch\n{FIXED}", fixed)


def test_a_walk_finds_notebooks_but_not_the_checkpoints(tmp_path: Path) -> None:
    for name in ("a.ipynb", "sub/b.ipynb", "sub/.ipynb_checkpoints/b-checkpoint.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(BEFORE)
    found = {(each["filename"], each["cell"]) for each in findings(cwd=tmp_path)}
    assert found == {("a.ipynb", 2), ("sub/b.ipynb", 2)}
    shown = called("--show-files", cwd=tmp_path).stdout.decode().split()
    assert shown == ["a.ipynb", "sub/b.ipynb"]


def test_a_fix_writes_the_cells_and_a_diff_shows_them(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(BEFORE)
    done = called("--diff", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.decode() == (
        "--- a.ipynb:cell 2\n+++ a.ipynb:cell 2\n@@ -1,3 +1,3 @@\n"
        f" %%capture\n-{DOT}\n-{DOT}\n+{FIXED}\n+{FIXED}\n"
    )
    assert done.stderr == b"1 file would be changed.\n"
    assert (tmp_path / "a.ipynb").read_text() == BEFORE
    done = called("--fix", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.endswith(b"\nFixed 2 findings, 0 left.\n")
    assert (tmp_path / "a.ipynb").read_text() == AFTER


def test_standard_input(tmp_path: Path) -> None:
    arguments = ("-", "--stdin-filename", "x.ipynb")
    found = findings(*arguments, cwd=tmp_path, stdin=BEFORE.encode())
    assert [(each["filename"], each["cell"]) for each in found] == [("x.ipynb", 2)] * 2
    done = called("--fix", *arguments, cwd=tmp_path, stdin=BEFORE.encode())
    assert done.stdout.decode() == AFTER
    done = called("--fix", *arguments, cwd=tmp_path, stdin=b"{}")
    assert done.stdout == b"{}"


def test_comments_are_written_into_the_cells(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(BEFORE)
    done = called("--add-ignore", "so", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"2 comments written.\n")
    comment = "  # einlint: ignore[EIN101] so"
    expected = BEFORE.replace('b)\\n"', f'b){comment}\\n"').replace('b)"', f'b){comment}"')
    assert (tmp_path / "a.ipynb").read_text() == expected
    assert findings("--extend-select", "EIN901", cwd=tmp_path) == []


@pytest.mark.parametrize(
    ("text", "row", "column", "message"),
    [
        ('{"cells": [\n "einsum" 1]}', 2, 11, "it is not JSON: Expecting ',' delimiter"),
        ('{"nbformat": 3, "worksheets": ["einsum"]}', 1, 14, "nbformat 3 is not read; `jupyter"),
        ('["einsum"]', 1, 1, "there is no object here"),
    ],
)
def test_what_is_no_notebook_is_a_finding(
    tmp_path: Path, text: str, row: int, column: int, message: str
) -> None:
    (tmp_path / "a.ipynb").write_text(text)
    (tmp_path / "b.ipynb").write_text(BEFORE)
    first, *others = findings(cwd=tmp_path)
    assert (first["code"], first["filename"], first["cell"]) == ("EIN000", "a.ipynb", None)
    assert first["location"] == {"row": row, "column": column}
    assert f"the file mentions einsum and cannot be read: {message}" in first["message"]
    assert len(others) == 2
    assert called("--fix", cwd=tmp_path).returncode == 1
    assert (tmp_path / "a.ipynb").read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        notebook("import torch", DOT, metadata={"kernelspec": {"language": "R"}}),
        notebook("x = 1 +", "# einsum"),
        notebook("x = 1", metadata={"title": "einsum"}),
    ],
)
def test_what_is_not_ours_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.ipynb").write_text(text)
    assert findings(cwd=tmp_path) == []


def test_a_notebook_for_everybody_else_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(BEFORE)
    (tmp_path / "einlint.toml").write_text('per-file-ignores = { "*.ipynb" = ["EIN101"] }\n')
    assert findings(cwd=tmp_path) == []
    done = einlint("--isolated", "-j", "2", "--output-format", "json", cwd=tmp_path)
    assert len(json.loads(done.stdout)) == 2


def test_verify_runs_the_calls_of_cells(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "a.ipynb").write_text(BEFORE)
    options = ("--preset", "tiny", "--dtype", "float32", "--no-backward", "--budget", "5")
    done = called("verify", *options, "--format", "json", cwd=tmp_path)
    (result,) = json.loads(done.stdout)["results"]
    assert (result["original"], result["replacement"]) == ("torch.einsum('i,i->', a, b)", "a @ b")
    sites = [{"filename": "a.ipynb", "cell": 2, "row": row} for row in (2, 3)]
    assert result["sites"] == sites
    assert [case["verdict"] for case in result["cases"]] != ["wrong"]
    text = called("verify", *options, "--dry-run", cwd=tmp_path).stdout
    assert b"at a.ipynb:cell 2:2, a.ipynb:cell 2:3" in text


def test_the_notebook_that_comes_with_the_project_says_what_the_script_says(tmp_path: Path) -> None:
    folder = ROOT / "fixtures" / "notebooks"
    script = findings(str(folder / "einsum_basics.py"), cwd=tmp_path)
    cells = findings(str(folder / "einsum_basics.ipynb"), cwd=tmp_path)
    assert cells.pop()["equation"] == "bij,bjk->bik", "the one in %timeit"
    for each in (*script, *cells):
        for key in ("filename", "cell", "location", "end_location"):
            del each[key]
        for edit in each["fix"]["edits"]:
            edit.update(location=None, end_location=None)
        for assumption in each["fix"]["assumptions"]:
            if assumption["proved_by"] is not None:
                assumption["proved_by"] = assumption["proved_by"]["kind"]
    assert cells == script


UNDER = "#\nwith torch.autocast('cpu'):\n    z = torch.einsum('i,j->ij', x, y)"
START = "import torch\nfrom prep import *\nstart()"
OUTER = "x = torch.ones(3)\nz = torch.einsum('i,j->ij', x, x)"


def test_a_notebook_without_the_word_may_be_under_autocast(tmp_path: Path) -> None:
    """A star import brings what switches it on: nothing in the cells shows it."""
    (tmp_path / "prep.py").write_text(
        "import torch\n\ndef start():\n    torch.set_autocast_enabled('cpu', True)\n"
    )
    text = notebook(START, OUTER)
    (tmp_path / "n.ipynb").write_text(text)
    (found,) = findings(cwd=tmp_path)
    assert found["fix"]["applicability"] == "unsafe"
    (assumption,) = found["fix"]["assumptions"]
    assert (assumption["name"], assumption["proved_by"]) == ("no-autocast", None)
    called("--fix", cwd=tmp_path)
    assert (tmp_path / "n.ipynb").read_text() == text


def test_a_misspelt_comment_is_named_with_its_cell(tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text(notebook("import torch", f"y = 1\n{DOT}  # einlint: off"))
    expected = "einlint: n.ipynb:cell 2:2: `# einlint: off` silences nothing: write "
    assert called(cwd=tmp_path).stderr.decode() == f"{expected}`# einlint: ignore`\n"


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        ((UNDER,), "line 2 of cell 2"),
        ((OUTER, "torch.autocast('cpu').__enter__()"), "line 1 of cell 3"),
    ],
)
def test_an_autocast_of_the_cells_is_named_and_overrules_the_settings(
    tmp_path: Path, cells: tuple[str, ...], where: str
) -> None:
    (tmp_path / "einlint.toml").write_text("assume = ['no-autocast']\n")
    (tmp_path / "n.ipynb").write_text(notebook("import torch", *cells))
    done = called("--fix", "--pedantic", cwd=tmp_path)
    told = f"(`no-autocast`): the code shows an autocast there ({where})\n"
    assert told in done.stdout.decode()
    assert "torch.outer" not in (tmp_path / "n.ipynb").read_text()


def test_a_row_that_shows_a_size_is_named_by_its_cell(tmp_path: Path) -> None:
    folder = ROOT / "fixtures" / "notebooks"
    done = called("explain", f"{folder / 'einsum_basics.ipynb'}:3:5", cwd=tmp_path)
    words = (
        "`A = torch.randn(3, 4)` at line 1 of cell 3 and "
        "`B = torch.randn(4, 6)` at line 3 of cell 3"
    )
    assert words in done.stdout.decode()
