"""The notebook that this project started from: every call found, named, and replaced."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.cli.run import called, findings, write
from tests.conftest import ROOT

NOTEBOOK = ROOT / "fixtures" / "notebooks" / "einsum_basics.py"

CALLS = {
    "i,i->": ("EIN101", "dot", "u @ v"),
    "i,j->ij": ("EIN102", "outer", "torch.outer(u, w)"),
    "ij,j->i": ("EIN103", "matvec", "A @ x"),
    "ik,kj->ij": ("EIN104", "matmul", "A @ B"),
    "bij,bjk->bik": ("EIN105", "batched-matmul", "torch.bmm(C, D)"),
    "bhqd,bhkd->bhqk": ("EIN105", "batched-matmul", "Q @ K.transpose(-2, -1)"),
    "bhqk,bhkd->bhqd": ("EIN105", "batched-matmul", "weights @ V"),
}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return Path(shutil.copy(NOTEBOOK, tmp_path / "notebook.py"))


def test_every_call_is_found_and_named(notebook: Path) -> None:
    found = {
        each["equation"]: (each["code"], each["kind"], each["fix"]["edits"][0]["content"])
        for each in findings(cwd=notebook.parent)
    }
    assert found == CALLS


def test_six_are_fixed_by_plain_fix(notebook: Path) -> None:
    done = called("--fix", cwd=notebook.parent)
    assert b"Fixed 6 findings, 0 left." in done.stdout
    assert re.findall(r"einsum\(\"(.*)\",", notebook.read_text()) == ["i,j->ij"]


def test_outer_is_fixed_on_request(notebook: Path) -> None:
    called("--fix", "--unsafe-fixes", cwd=notebook.parent)
    assert_equal(executed(NOTEBOOK), executed(notebook))


def test_outer_is_fixed_where_autocast_is_ruled_out(notebook: Path) -> None:
    table = '[tool.einlint]\nextend-assume = ["no-autocast"]\n'
    write(notebook.parent, {"pyproject.toml": table})
    assert called("--fix", cwd=notebook.parent).returncode == 0
    assert "torch.outer(u, w)" in notebook.read_text()
    assert_equal(executed(NOTEBOOK), executed(notebook))


def test_every_call_of_the_notebook_itself_is_proved_but_outer(tmp_path: Path) -> None:
    """What stands in the cells cannot tell under which autocast they run."""
    write(tmp_path, {"einlint.toml": 'assume = []\nextend-assume = ["not-the-subject"]\n'})
    notebook = shutil.copy(NOTEBOOK.with_suffix(".ipynb"), tmp_path)
    found = findings(cwd=tmp_path)
    (outer,) = (each for each in found if each["fix"]["applicability"] != "safe")
    assert outer["equation"] == "i,j->ij"
    proofs = [
        proof
        for each in found
        for proof in each["fix"]["assumptions"]
        if proof["name"] != "not-the-subject"
    ]
    assert [proof["name"] for proof in proofs if not proof["proved_by"]] == ["no-autocast"]
    assert not any(proof["granted"] for proof in proofs)
    assert called("--fix", "--pedantic", cwd=tmp_path).returncode == 1
    assert b"torch.bmm(C, D)" in Path(notebook).read_bytes()
    assert [each["equation"] for each in findings(cwd=tmp_path)] == ["i,j->ij"]
    assert called("--fix", "--unsafe-fixes", cwd=tmp_path).returncode == 0
    assert b"torch.outer(u, w)" in Path(notebook).read_bytes()


def test_one_wrong_size_is_told_with_both_places(notebook: Path) -> None:
    text = notebook.read_text()
    notebook.write_text(text.replace("D = torch.randn(8, 4, 6)", "D = torch.randn(8, 5, 6)"))
    (wrong,) = (each for each in findings(cwd=notebook.parent) if each["code"] == "EIN004")
    rows = text.splitlines()
    first, second = (
        rows.index(f"{name} = torch.randn(8, {size})") + 1
        for name, size in (("C", "3, 4"), ("D", "4, 6"))
    )
    where = f"`j` is 4 in operand `C` (line {first}) and 5 in operand `D` (line {second})"
    assert wrong["message"] == f"`bij,bjk->bik`: {where}"


def executed(path: Path) -> dict[str, Any]:
    torch.manual_seed(0)
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), path.name, "exec"), names)
    return {name: value for name, value in names.items() if isinstance(value, torch.Tensor)}


def assert_equal(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert before.keys() == after.keys()
    for name, value in before.items():
        torch.testing.assert_close(value, after[name], msg=name)
        assert value.stride() == after[name].stride(), name
