"""What EIN004 says of layers and what they hold is what torch does."""

import pytest

from tests.conftest import ROOT
from tests.expectations import expected_in

torch = pytest.importorskip("torch")

TEXT = (ROOT / "fixtures/rules/size_conflict/layers.py").read_text()
CODES = {TEXT.splitlines()[row - 1]: code for row, code in expected_in(TEXT)}
METHODS = [
    (part.partition("(")[0], next(code for row, code in CODES.items() if row in part))
    for part in TEXT.split("    def ")[2:]
]


@pytest.mark.parametrize(("method", "code"), METHODS)
def test_torch_rejects_what_is_reported_and_takes_the_rest(method: str, code: str) -> None:
    names: dict[str, type] = {}
    exec(compile(TEXT, "layers.py", "exec"), names)
    call = getattr(names["Conflicts"](), method)
    x, ids = torch.ones(2, 3, 8), torch.zeros(2, 3, dtype=torch.int64)
    if code == "EIN004":
        with pytest.raises(RuntimeError):
            call(x, ids)
    else:
        call(x, ids)
