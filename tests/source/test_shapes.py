"""What is claimed of the sizes of einsum's operands, and what must not be."""

import importlib
import sys
from pathlib import Path

import pytest

from einlint.algebra.sizes import Symbol
from einlint.source.file import SourceFile
from einlint.source.finder import find_calls, parse_file

ROOT = Path(__file__).parent.parent.parent
HEAD = "import torch\nfrom torch import nn\nfrom einops import rearrange\n"


def claims(body: str) -> list[list[object] | None]:
    """The sizes of the operands of the last call; symbols by their names."""
    *_, call = find_calls(parse_file(SourceFile("f.py", HEAD + body)))
    return [
        None
        if shape is None
        else [axis.size.name if isinstance(axis.size, Symbol) else axis.size for axis in shape]
        for shape in call.arguments.shapes
    ]


def test_every_shape_of_the_notebook_is_known() -> None:
    text = (ROOT / "fixtures/notebooks/einsum_basics.py").read_text()
    calls = find_calls(parse_file(SourceFile("einsum_basics.py", text)))
    shapes = [shape for call in calls for shape in call.arguments.shapes]
    assert None not in shapes
    assert all(isinstance(axis.size, int) for shape in shapes if shape for axis in shape)


def test_an_axis_names_the_row_that_shows_it() -> None:
    text = "import torch\nq = torch.randn(3, 4)\ntorch.einsum('ij->ji', q)\n"
    (call,) = find_calls(parse_file(SourceFile("f.py", text)))
    ((axis, _),) = call.arguments.shapes
    assert (axis.size, axis.text, axis.row) == (3, "`q = torch.randn(3, 4)` at row 2", 2)


def test_random_programs_bear_out_every_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    tally = importlib.import_module("evidence").claims(2000)
    for name in ("evidence", "programs"):
        del sys.modules[name]
    assert tally.claims >= 2000
    assert tally.false == []


CALL = "torch.einsum('ij,jk->ik', x, y)\n"


T = "x = y = torch.ones(2, 3)\n"
NONLOCAL = "    def g():\n        nonlocal y\n        y = h\n    g()\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{T}if f():\n    y = torch.ones(3, 4)\n{CALL}", [[2, 3], None]),
        (f"{T}for i in r:\n    {CALL}    y = g()\n", [[2, 3], None]),
        (f"{T}with c:\n    y = torch.ones(3, 4)\n{CALL}", [[2, 3], None]),
        (f"{T}try:\n    y = g()\nfinally:\n    pass\n{CALL}", [[2, 3], None]),
        (f"{T}y.t_()\n{CALL}", [None, None]),
        (f"{T}y.data = g()\n{CALL}", [None, None]),
        (f"{T}del y\n{CALL}", [[2, 3], None]),
        (f"def rearrange(*a):\n    pass\nx = rearrange(g, 'a b -> b a')\n{CALL}", [None, None]),
        (f"x = y = g().view(2, 3)\n{CALL}", [None, None]),
        (f"def f(x, y):\n    b, n = x.shape\n    b = 5\n    {CALL}", [["b", "n"], None]),
        (f"def f(x, y):\n    for q in y:\n        b, n = x.shape\n    {CALL}", [None, None]),
        (f"def f(y, n):\n    x = torch.ones(6, 2).view(n, 4)\n    {CALL}", [["?", 4], None]),
        (f"def f(x):\n    y = torch.ones(2, 3)\n    y = y * x\n    {CALL}", [None, None]),
        (f"def f(x):\n    z = x - x\n    y = torch.ones(2, 3) * z\n    {CALL}", [None, None]),
        (f"def f():\n    {T}{NONLOCAL}    {CALL}".replace("\nx", "\n    x"), [[2, 3], None]),
        (f"{T}y = g()\ndef f(x):\n    {CALL}", [None, None]),
        (f"xs = [2, 3]\nxs.append(4)\nx = y = torch.ones(xs)\n{CALL}", [None, None]),
        (f"{T}a, b, c = x.shape\ny = torch.ones(a, 2)\n{CALL}", [[2, 3], ["a", 2]]),
    ],
)
def test_what_may_have_changed_is_not_claimed(
    body: str, expected: list[list[object] | None]
) -> None:
    assert claims(body) == expected


@pytest.mark.parametrize("setter", ["", "        setattr(self, n, 3)\n", "        self.w = 3\n"])
def test_an_attribute_counts_where_only_init_sets_it(setter: str) -> None:
    body = (
        "class M(nn.Module):\n"
        "    def __init__(self, n):\n"
        "        self.w = nn.Parameter(torch.randn(2, 3))\n"
        f"    def change(self, n):\n        pass\n{setter}"
        "    def forward(self, x):\n        return torch.einsum('ij,jk->ik', self.w, x)\n"
    )
    assert claims(body) == [None if setter else [2, 3], None]


def test_an_assert_makes_sizes_equal() -> None:
    body = (
        "def f(x, y, n):\n    assert x.shape[-1] == y.shape[0] and x.shape == (4, n)\n"
        "    j, k = y.shape\n    return torch.einsum('ij,jk->ik', x, y)\n"
    )
    left, right = claims(body)
    assert (left, right) == ([4, "n"], ["y.shape[0]", "k"])


def test_joined_tensors_have_the_sum_of_their_sizes() -> None:
    body = f"x = torch.ones(2, 3)\ny = torch.cat([x, torch.ones(4, 3)])\n{CALL}"
    assert claims(body) == [[2, 3], [6, 3]]


def test_the_heads_of_attention_are_proved_equal() -> None:
    body = (
        "class Attention(nn.Module):\n"
        "    def __init__(self, dim, heads=8, dim_head=64):\n"
        "        super().__init__()\n"
        "        inner = heads * dim_head\n"
        "        self.heads = heads\n"
        "        self.to_qkv = nn.Linear(dim, inner * 3)\n"
        "    def forward(self, x):\n"
        "        h = self.heads\n"
        "        qkv = self.to_qkv(x).chunk(3, dim=-1)\n"
        "        q, k, v = map(lambda t: rearrange(t, 'b n (h d) -> b h n d', h=h), qkv)\n"
        "        return torch.einsum('bhqd,bhkd->bhqk', q, k)\n"
    )
    shapes = claims(body)
    assert all(shape and shape[1::2] == ["heads", "dim_head"] for shape in shapes)


def test_a_program_nested_too_deeply_keeps_no_claims() -> None:
    deep = " + ".join("1" * 2000)
    assert claims(f"x = y = torch.ones(2, 3)\nz = {deep}\n{CALL}") == [None, None]
