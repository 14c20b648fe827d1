"""What EIN002 says of forms of arguments is what torch does."""

import ast

import pytest

from tests.conftest import ROOT

torch = pytest.importorskip("torch")

TEXT = (ROOT / "fixtures/rules/operand_count/rejected_forms.py").read_text()
ROWS = [
    pytest.param(row, id=row)
    for row in TEXT.splitlines()
    if "einsum(" in row and row.endswith(("EIN002", "EIN104"))
]
A, B = torch.ones(2, 2), torch.ones(2, 2)
TENSORS = {"a": A, "b": B, "c": A, "query": A, "key": B}
EQUATIONS = dict.fromkeys(("equation", "EQUATION", "EQUATION_OF_A_PRODUCT"), "ij,jk->ik")
OTHERS = {"i": "i", "operands": [A, B], "rest": [], "options": {}}
NAMES = {"torch": torch, "einsum": torch.einsum, **TENSORS, **EQUATIONS, **OTHERS}


@pytest.mark.parametrize("row", ROWS)
def test_torch_rejects_what_is_reported_and_takes_the_rest(row: str) -> None:
    code = compile(ast.parse(row), "row", "exec")
    if row.endswith("EIN104"):
        exec(code, dict(NAMES))
    else:
        with pytest.raises((TypeError, RuntimeError, ValueError)):
            exec(code, dict(NAMES))
