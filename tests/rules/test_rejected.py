"""What EIN002 says of forms of arguments is what torch does."""

import ast

import pytest

from tests.conftest import ROOT

torch = pytest.importorskip("torch")

FOLDER = ROOT / "fixtures/rules/operand_count"
TEXT = (FOLDER / "rejected_forms.py").read_text()
LONE = (FOLDER / "lone_tensors.py").read_text().partition("# These are run with torch.")[2]
ROWS = [
    pytest.param(row, id=row)
    for row in (*TEXT.splitlines(), *LONE.splitlines())
    if "einsum(" in row and row.endswith(("EIN002", "EIN104"))
]
PARTIALS = [
    row
    for row in (ROOT / "fixtures/source/partials.py").read_text().splitlines()
    if row.startswith("product(") and row.endswith("EIN002")
]
SUBLISTS = (ROOT / "fixtures/source/numbers_below_zero_in_sublists.py").read_text()
A, B = torch.ones(2, 2), torch.ones(2, 2)
TENSORS = {"a": A, "b": B, "c": A, "query": A, "key": B}
EQUATIONS = dict.fromkeys(("equation", "EQUATION", "EQUATION_OF_A_PRODUCT"), "ij,jk->ik")
OTHERS = {"i": "i", "operands": [A, B], "rest": [], "options": {}}
NAMES = {"torch": torch, "einsum": torch.einsum, **TENSORS, **EQUATIONS, **OTHERS}


@pytest.mark.parametrize("row", PARTIALS)
def test_torch_rejects_the_same_through_a_partial(row: str) -> None:
    names = dict(NAMES)
    exec("from functools import partial\nproduct = partial(torch.einsum, 'ij,jk->ik')", names)
    with pytest.raises((TypeError, RuntimeError, ValueError)):
        exec(row, names)


@pytest.mark.parametrize(
    "row", [row for row in SUBLISTS.splitlines() if row.endswith(("EIN001", "EIN104"))]
)
def test_torch_rejects_numbers_below_zero(row: str) -> None:
    if row.endswith("EIN104"):
        exec(row, dict(NAMES))
    else:
        with pytest.raises(ValueError, match="not within the valid range"):
            exec(row, dict(NAMES))


@pytest.mark.parametrize("row", ROWS)
def test_torch_rejects_what_is_reported_and_takes_the_rest(row: str) -> None:
    code = compile(ast.parse(row), "row", "exec")
    if row.endswith("EIN104"):
        exec(code, dict(NAMES))
    else:
        with pytest.raises((TypeError, RuntimeError, ValueError)):
            exec(code, dict(NAMES))
