"""What EIN010 says of dtypes is what torch does."""

import ast

import pytest

from tests.conftest import ROOT

torch = pytest.importorskip("torch")

TEXT = (ROOT / "fixtures/rules/dtype_conflict/basic.py").read_text()
HEAD = TEXT.partition("\ntorch.einsum")[0]
ROWS = [
    pytest.param(row, id=row.partition("einsum(")[2])
    for row in TEXT.splitlines()
    if row.startswith("torch.einsum(")
]
# Rows whose dtypes nobody can tell may raise, and are given what fits.
NAMES = {
    "dtype": torch.float16,
    "single": torch.float32,
    "other": torch.bfloat16,
    "small": False,
}


@pytest.mark.parametrize("row", ROWS)
def test_torch_rejects_what_is_reported_and_takes_the_rest(row: str) -> None:
    names = {name: torch.ones(4, 4) for name in "xw"}
    names |= {name: torch.ones(4) for name in "uv"}
    names |= {name: torch.ones(2, 4, 4) for name in "qk"}
    if "x.half(), w)" in row:
        names["w"] = names["w"].half()
    if "type_as(x)" in row:
        names["x"] = names["x"].half()
    scope = {**names, **NAMES}
    exec(HEAD, scope)
    if "one, torch.randn(4, 5))" in row:  # a default that another file has set
        scope["one"] = scope["one"].float()
    code = compile(ast.parse(row), "row", "exec")
    if row.endswith("EIN010"):
        with pytest.raises(RuntimeError, match=r"scalar type|dtype"):
            exec(code, scope)
    else:
        exec(code, scope)


def test_every_pair_of_dtypes_is_rejected_where_something_is_contracted() -> None:
    names = ("float16", "bfloat16", "float32", "float64", "complex64", "int32", "int64", "uint8")
    for one in names:
        for other in names:
            a, b = (torch.ones(2, 2).to(getattr(torch, name)) for name in (one, other))
            if one == other:
                torch.einsum("ij,jk->ik", a, b)
            else:
                with pytest.raises(RuntimeError):
                    torch.einsum("ij,jk->ik", a, b)
            torch.einsum("ij,jk->ijk", a, b)
