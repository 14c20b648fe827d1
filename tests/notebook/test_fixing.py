"""--fix on notebooks: only the sources of fixed cells change, and they compute the same."""

from pathlib import Path

import nbformat
import pytest
import torch

from einlint.diagnostics import Applicability
from einlint.linting.findings import Findings
from einlint.notebook.cells import fix_cells
from einlint.notebook.module import module_of
from einlint.notebook.notebook import read_notebook
from einlint.settings import Settings
from tests.cli.run import einlint
from tests.notebook.executed import tensors_of
from tests.notebook.generate import FIXED, KEPT, SETUP, Generated, generated, numbered

COUNT = 200


@pytest.fixture(scope="module")
def notebooks() -> dict[str, Generated]:
    return {f"{seed}.ipynb": generated(seed) for seed in range(COUNT)}


def test_every_byte_is_as_expected_and_a_second_run_changes_nothing(
    tmp_path: Path, notebooks: dict[str, Generated]
) -> None:
    (tmp_path / "einlint.toml").write_text('extend-assume = ["not-the-subject"]\n')
    for name, each in notebooks.items():
        (tmp_path / name).write_bytes(each.before)
    for _ in range(2):
        done = einlint("--fix", "--exit-zero", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
        for name, each in notebooks.items():
            assert (tmp_path / name).read_bytes() == each.after, name
    changed = sum(each.before != each.after for each in notebooks.values())
    assert changed > COUNT / 2, "else the notebooks show nothing"


def test_the_fixed_notebooks_are_valid(notebooks: dict[str, Generated]) -> None:
    for each in notebooks.values():
        read = nbformat.reads(each.after.decode(), as_version=nbformat.NO_CONVERT)
        nbformat.validate(read)
        cells = [cell.source for cell in read.cells if cell.cell_type == "code"]
        assert cells == list(each.fixed)


@pytest.mark.parametrize("cell", [cell for cell, _ in FIXED] + list(KEPT))
def test_a_fixed_cell_computes_the_same(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    cells = (SETUP, numbered(cell, 1))
    module, _ = fix_cells(module_of("a.ipynb", cells), Settings(), Applicability.UNSAFE)
    fixed = tuple(each.text for each in module.cells)
    assert fixed[0] == SETUP
    before, after = tensors_of(cells), tensors_of(fixed)
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    failures = {line for line in capsys.readouterr().out.splitlines() if "Error" in line}
    assert failures == ({"SyntaxError: invalid syntax"} if cell in KEPT[-1:] else set())


def test_comments_that_silence_all_findings_change_nothing_else(
    notebooks: dict[str, Generated],
) -> None:
    for name, each in list(notebooks.items())[: COUNT // 5]:
        notebook = read_notebook(name, each.before, Settings(pedantic=True))
        if isinstance(notebook, Findings):
            continue
        change = notebook.add_ignore(Settings(pedantic=True), "why")
        silenced = notebook.after(change)
        assert {found.code for found in change.remaining.diagnostics} <= {"EIN000"}
        selected = Settings(extend_select=("EIN901",), pedantic=True)
        removed = silenced.fix(selected, Applicability.SAFE)
        assert not removed.rounds, "no comment is superfluous"
