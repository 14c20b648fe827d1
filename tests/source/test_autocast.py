"""Where autocast is certainly off, and where nobody knows."""

import pytest

from einlint.notebook.module import module_of
from einlint.rewriting.assumptions import NO_AUTOCAST
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

CALL = "torch.einsum('i,j->ij', a, b)"
MAIN = "if __name__ == '__main__':\n"


def proves(source: SourceFile) -> bool:
    (call,) = parse_file(source).facts(CallSite)
    return NO_AUTOCAST in call.arguments.evidence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CALL, False),
        (f"{MAIN}    {CALL}", True),
        (f"{MAIN}    for a in x:\n        {CALL}", True),
        (f"{MAIN}    pass\nelse:\n    {CALL}", False),
        (f"{MAIN}    with x:\n        {CALL}", False),
        (f"with x:\n    {MAIN}        {CALL}", False),
        (f"{MAIN}    x(lambda: {CALL})", False),
        (f"{MAIN}    def f():\n        {CALL}", False),
        (f"{MAIN}    torch.set_autocast_enabled(True)\n    {CALL}", False),
        (f"if __name__ != '__main__':\n    {CALL}", False),
    ],
)
def test_of_a_file_only_what_runs_as_a_script(text: str, expected: bool) -> None:
    assert proves(SourceFile("a.py", f"import torch\n{text}\n")) is expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("import torch", CALL), True),
        (("import torch", f"%timeit {CALL}"), True),
        (("import torch", f"def f(a, b):\n    return {CALL}"), False),
        (("import torch", f"with torch.no_grad():\n    {CALL}"), False),
        (("import torch", CALL, "torch.autocast('cpu').__enter__()"), False),
    ],
)
def test_of_a_notebook_what_stands_in_its_cells(cells: tuple[str, ...], expected: bool) -> None:
    assert proves(module_of("a.ipynb", cells).source) is expected
