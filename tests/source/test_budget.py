"""What large files cost: nothing is kept in cycles, and behind a budget nothing is claimed."""

import ast
import gc

import pytest

import einlint
from einlint.diagnostics import Diagnostic, Edit, Fix, Severity
from einlint.linting import engine
from einlint.source import budget
from einlint.source.annotation import annotations
from einlint.source.lines import LineIndex
from einlint.source.prefilter import holds_each

SETTINGS = einlint.Settings(select=("ALL",), pedantic=True)
SIZES = """import torch

def double(x):
    return x * 2

def f(c):
    a, b = torch.rand(2, 3), torch.rand(4, 5)
    if c:
        a = double(a)
    return torch.einsum("ij,jk->ik", a, b)
"""
ATTENTION = """import torch

class A(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.n = n
        self.m = self.n
        self.linear = torch.nn.Linear(self.m, self.m)

    def forward(self, q, k, v):
        p = (torch.einsum("bhqd,bhkd->bhqk", q, k) / 8).softmax(dim=-1)
        return self.linear(torch.einsum("bhqk,bhkd->bhqd", p, v))
"""


@pytest.mark.parametrize("text", [SIZES, ATTENTION])
def test_trees_are_freed_at_once_and_not_by_the_collector(text: str) -> None:
    einlint.check_source(text, settings=SETTINGS)
    gc.collect()
    gc.disable()
    try:
        einlint.check_source(text, settings=SETTINGS)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        kept = [each for each in gc.garbage if isinstance(each, ast.AST)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert kept == []


@pytest.mark.parametrize("limit", ["_MOST_COPIED", "_MOST_HELPED"])
def test_of_what_needs_too_much_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    (found,) = einlint.check_source(SIZES).diagnostics
    assert found.code == "EIN004"
    monkeypatch.setattr(budget, limit, -1)
    found = einlint.check_source(SIZES, settings=SETTINGS)
    assert [each.code for each in found.diagnostics if each.code < "EIN2"] == ["EIN104"]


def test_attention_that_is_not_read_again_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = einlint.check_source(ATTENTION).diagnostics
    assert found.fix is not None
    assert "scaled_dot_product_attention" in "".join(each.content for each in found.fix.edits)
    monkeypatch.setattr(budget, "_MOST_READ_AGAIN", -1)
    found = einlint.check_source(ATTENTION, settings=SETTINGS).diagnostics[0]
    assert found.fix is not None
    assert "scaled_dot_product_attention" not in "".join(each.content for each in found.fix.edits)
    assert "more attention than is proved" in " ".join([found.message, *found.notes])


def test_calls_that_nest_too_deeply_are_fixed_in_several_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each level takes one more reading of the whole file."""
    nested = "a"
    for _ in range(5):
        nested = f"torch.einsum('ij,jk->ik', {nested}, b)"
    text = f"import torch\nx = {nested}\n"
    at_once = einlint.fix_source(text)
    monkeypatch.setattr(engine, "_MOST_ROUNDS", 2)
    found = [einlint.fix_source(text)]
    while found[-1].fixed:
        found.append(einlint.fix_source(found[-1].text))
    assert [len(each.fixed) for each in found] == [2, 2, 1, 0]
    assert found[0].text.count("einsum") == 3
    assert len(found[0].remaining.diagnostics) == 3
    assert found[-1].text == at_once.text


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("x = a @ b", True),
        ("x = (a\n    @ b)", True),
        ("x @= b", True),
        ("@d(a @ b)\ndef f(): pass", True),
        ("@d\ndef f(): pass", False),
        ("class A:\n\t@d.e(1)\n\tdef f(self): pass", False),
    ],
)
def test_a_decorator_is_no_product(text: str, holds: bool) -> None:
    assert holds_each(text, (("@",),)) is holds
    assert holds_each(text.encode(), (("@",),)) is holds


def test_calls_that_start_where_the_last_one_ends_are_annotated_together() -> None:
    """The search for the last line called itself for each of them."""
    row = "call(a,\n  b), "
    lines = LineIndex.of(row * 2000 + "\n")
    edits = [
        Edit(start, start + len(row) - 2, "c") for start in range(0, 2000 * len(row), len(row))
    ]
    about = ("EIN104", "matmul", "", Severity.WARNING, "a.py")
    fixed = [
        Diagnostic(*about, each.start, each.end, fix=Fix("", (each,), annotation="ij,jk->ik"))
        for each in edits
    ]
    (comment,) = annotations(lines, fixed)
    assert (comment.start, comment.content.count("ij,jk->ik")) == (len(lines.text) - 1, 2000)
