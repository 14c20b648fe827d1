"""What is claimed of the sizes of einsum's operands, and what must not be."""

import importlib
import sys
from pathlib import Path

import pytest

from einlint.algebra.sizes import Symbol
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

ROOT = Path(__file__).parent.parent.parent
HEAD = "import torch\nfrom torch import nn\nfrom einops import rearrange\n"


def claims(body: str) -> list[list[object] | None]:
    """The sizes of the operands of the last call; symbols by their names."""
    *_, call = parse_file(SourceFile("f.py", HEAD + body)).facts(CallSite)
    return [
        None
        if shape is None
        else [axis.size.name if isinstance(axis.size, Symbol) else axis.size for axis in shape]
        for shape in call.arguments.shapes
    ]


def test_every_shape_of_the_notebook_is_known() -> None:
    text = (ROOT / "fixtures/notebooks/einsum_basics.py").read_text()
    calls = parse_file(SourceFile("einsum_basics.py", text)).facts(CallSite)
    shapes = [shape for call in calls for shape in call.arguments.shapes]
    assert None not in shapes
    assert all(isinstance(axis.size, int) for shape in shapes if shape for axis in shape)


def test_an_axis_names_the_row_that_shows_it() -> None:
    text = "import torch\nq = torch.randn(3, 4)\ntorch.einsum('ij->ji', q)\n"
    (call,) = parse_file(SourceFile("f.py", text)).facts(CallSite)
    ((axis, _),) = call.arguments.shapes
    assert (axis.size, axis.text) == (3, "`q = torch.randn(3, 4)` at line 2")
    assert axis.offset == text.index("q =")


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
def test_random_programs_bear_out_every_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
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
        (f"x = y = g().t()\n{CALL}", [None, None]),
        (f"def f(x, y):\n    b, n = x.shape\n    b = 5\n    {CALL}", [["b", "n"], None]),
        (f"def f(x, y):\n    for q in y:\n        b, n = x.shape\n    {CALL}", [None, None]),
        (f"def f(y, n):\n    x = torch.ones(6, 2).view(n, 4)\n    {CALL}", [["?", 4], None]),
        (f"def f(x):\n    y = torch.ones(2, 3)\n    y = y * x\n    {CALL}", [None, None]),
        (f"def f(x):\n    z = x - x\n    y = torch.ones(2, 3) * z\n    {CALL}", [None, None]),
        (f"def f():\n    {T}{NONLOCAL}    {CALL}".replace("\nx", "\n    x"), [[2, 3], None]),
        (f"{T}y = g()\ndef f(x):\n    {CALL}", [None, None]),
        (f"xs = [2, 3]\nxs.append(4)\nx = y = torch.ones(xs)\n{CALL}", [None, None]),
        (f"{T}a, b, c = x.shape\ny = torch.ones(a, 2)\n{CALL}", [[2, 3], [2, 2]]),
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
    assert (left, right) == ([4, "n"], ["n", "k"])


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


ATTENTION = """
def unit(t):
    return torch.nn.functional.normalize(t, dim=-1)
def default(x, y):
    return x if x is not None else y
class Attention(nn.Module):
    def __init__(self, dim: int, heads=8):
        super().__init__()
        self.heads = heads
        dim_head = dim // self.heads
        self.scale = dim_head ** -0.5
        self.to_q = nn.Linear(dim, dim)
        self.to_kv = nn.Linear(dim, 2 * dim)
        self.attend = nn.Softmax(dim=-1)
    def forward(self, x, context=None):
        k, v = self.to_kv(default(context, x)).chunk(2, dim=-1)
        h, qkv = self.heads, (self.to_q(x), k, v)
        q, k, v = map(lambda t: rearrange(t, 'b n (h d) -> b h n d', h=h), qkv)
        q, k = map(unit, (q, k))
        attn = self.attend(torch.einsum('bhid,bhjd->bhij', q, k) * self.scale)
        return torch.einsum('bhij,bhjd->bhid', attn, v)
"""


def sizes(body: str) -> list[list[object] | None]:
    *_, call = parse_file(SourceFile("f.py", HEAD + body)).facts(CallSite)
    return [
        None if shape is None else [axis.size for axis in shape] for shape in call.arguments.shapes
    ]


def test_keys_and_values_of_one_context_have_as_many_rows() -> None:
    weights, values = sizes(ATTENTION)
    assert weights
    assert values
    assert weights[3] == values[2]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.heads = heads\n", "self.heads = heads\n        self.scale = dim\n"),
        ("def unit(t):", "@torch.compile\ndef unit(t):"),
        ("def default(x, y):", "def unit(t):\n    return t[0]\ndef default(x, y):"),
        ("nn.Softmax(dim=-1)", "nn.MaxPool2d(2)"),
        ("* self.scale", "* context"),
        ("* self.scale", "* dim_head"),
        ("dim: int", "dim"),
    ],
)
def test_heads_that_something_unknown_has_touched_are_not_claimed(old: str, new: str) -> None:
    weights, values = sizes(ATTENTION.replace(old, new))
    assert weights is None or values is None or weights[3] != values[2]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("y = x.chunk(2)[-1]", None),
        ("y = torch.stack(torch.ones(3, 2, n).chunk(2))", None),
        ("y, z = torch.ones(6, n).chunk(2)", [3, "n"]),
        ("y, z = torch.ones(5, n).chunk(2)", ["?", "n"]),
        ("y, z = torch.ones(3, n).split([1, 2])", [1, "n"]),
        ("y, z = torch.ones(2, 3, n)", [3, "n"]),
        ("y = torch.ones(2, 3, n).unbind(1)[2]", [2, "n"]),
        ("y = nn.Conv1d(4, 8, 3)(torch.ones(4, n))", [8, "?"]),
        ("y = torch.ones(2, n) if n else torch.zeros(2, n)", [2, "n"]),
        ("y = torch.ones(2, n) if n else torch.zeros(n, 2)", None),
        ("with c:\n        y = torch.ones(2, n)", None),
    ],
)
def test_parts_and_layers(rows: str, expected: list[object] | None) -> None:
    body = f"def f(x, n: int, c):\n    {rows}\n    torch.einsum('ij->ji', y)\n"
    assert claims(body)[0] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("t.expand(4, -1, -1)[0]", [2, "n"]),
        ("t.expand(k, n)", ["?", "?"]),
        ("t.expand(5, 2, n)[0]", [2, "?"]),
        ("t.repeat(3, 2)", [6, "2 * n"]),
        ("torch.ones(n).repeat(3, 1)", [3, "n"]),
        ("t.repeat_interleave(3, 0)", [6, "n"]),
        ("t.repeat_interleave(x, 0)", ["?", "n"]),
        ("t.index_select(0, torch.arange(7))", [7, "n"]),
        ("torch.ones(n, 2).t()", [2, "n"]),
        ("torch.ones(n, 2).mT", [2, "n"]),
        ("torch.tensor([[1, 2, n], [0.5, True, -1]])", [2, 3]),
        ("torch.tensor([x, x])", None),
        ("torch.tensor([[1, 2], x])", None),
        ("t.new_zeros(3, n)", [3, "n"]),
    ],
)
def test_operations(value: str, expected: list[object] | None) -> None:
    head = "from torch.nn import functional as F\ndef f(x, k, n: int):\n    t = torch.ones(2, n)\n"
    assert claims(f"{head}    y = {value}\n    torch.einsum('ij->ji', y)\n")[0] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x.expand(3, -1, -1)", [3, "?", "?"]),
        ("x.expand(k, -1, -1)", ["?", "?", "?"]),
        ("x.broadcast_to((k, -1))", ["?", "?"]),
        ("x.expand([-1, n])", ["?", "?"]),
        ("x.expand([2, 3])", None),
        ("x.expand(k)", None),
        ("x.expand(*k, -1)", None),
        ("x.view(2, 3)", [2, 3]),
        ("x.view(k, -1)", ["k", "?"]),
        ("x.view((4, k))", [4, "?"]),
        ("x.view(-1)", ["?"]),
        ("x.view(n)", None),
        ("x.view(torch.float32)", None),
        ("x.view('float32', k)", None),
        ("x.view(k.shape)", None),
        ("g(x)[0].w.reshape(k, 4).mT", [4, "?"]),
        ("x.reshape([2, k]).unsqueeze(-1)", [2, "?", 1]),
        ("torch.reshape(x, (2, -1))", [2, "?"]),
        ("x.repeat(2, 1, 1)", ["?", "?", "?"]),
        ("x.repeat(2, 0)", None),
        ("x.new_ones(n, 3)", ["n", 3]),
        ("x.new_empty(3)", [3]),
        ("x.new_empty(k)", None),
        ("x.view(2, 3) if k else x.reshape(2, 3)", [2, 3]),
    ],
)
def test_views_to_given_sizes_of_anything(value: str, expected: list[object] | None) -> None:
    text = f"def f(x, k, n: int):\n    y = {value}\n    torch.einsum('ij->ji', y)\n"
    assert claims(text)[0] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("if x.shape != (3, n):\n        raise ValueError", [3, "n"]),
        ("if not x.shape == (3, n):\n        return x", [3, "n"]),
        (
            "if x.shape[0] != 3 or x.shape[1] != n:\n        raise ValueError\n    a, b = x.shape",
            [3, "n"],
        ),
        ("if x.shape != (3, n):\n        x = g(x)", None),
        ("if x.shape != (3, n) and n:\n        raise ValueError", None),
        ("if x.shape == (3, n):\n        raise ValueError", None),
        ("if x.shape == (3, n):\n        return torch.einsum('ij->ji', x)\n    x = g(x)", None),
    ],
)
def test_a_guard_proves_what_it_lets_through(rows: str, expected: list[object] | None) -> None:
    body = f"def f(x, n: int):\n    {rows}\n    torch.einsum('ij->ji', x)\n"
    assert claims(body)[0] == expected


def test_a_guard_proves_what_it_is_entered_with() -> None:
    body = (
        "def f(x, n: int):\n    if x.shape == (3, n):\n        return torch.einsum('ij->ji', x)\n"
    )
    assert claims(body) == [[3, "n"]]


MODULE = """
class M(nn.Module):
    def __init__(self, n: int):
        super().__init__()
        self.register_buffer("w", torch.ones(2, n))
    def forward(self, x):
        return torch.einsum('ij,jk->ik', self.w, x)
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", [2, "n"]),
        ('"w", torch', 'name="w", tensor=torch', [2, "n"]),
        ("    def forward", "        self.w = x\n    def forward", None),
        ("    def forward", "        self.register_buffer('w', x)\n    def forward", None),
        ("    def forward", "        self.register_buffer(n, x)\n    def forward", None),
        ("    def forward", "        self.register_parameter(n, x)\n    def forward", None),
        ("        self.reg", "        if n:\n            self.reg", None),
        ("class M(nn.Module)", "class M(Other)", None),
        ("    def forward", "    def w(self):\n        pass\n    def forward", None),
    ],
)
def test_a_buffer_is_an_attribute(old: str, new: str, expected: list[object] | None) -> None:
    assert claims(MODULE.replace(old, new, 1) if old else MODULE) == [expected, None]


def test_a_buffer_named_at_run_time_takes_no_other_attribute_s_place() -> None:
    text = MODULE.replace('register_buffer("w", torch.ones(2, n))', "w = torch.ones(2, n)")
    text = text.replace("    def forward", "        self.register_buffer(n, n)\n    def forward")
    assert claims(text) == [[2, "n"], None]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ('Float[torch.Tensor, "n d"]', ["n", "d"]),
        ('jaxtyping.Float[torch.Tensor, "3 rows=4"]', [3, 4]),
        ('Float[torch.Tensor, "#n _"]', ["?", "?"]),
        ('Float[torch.Tensor, "n-1 d+1"]', ["?", "?"]),
        ('Float[torch.Tensor, "... d"]', None),
        ('Float[torch.Tensor, "*batch d"]', None),
        ('Float[Tensor, "n d"]', None),
        ('Other[torch.Tensor, "n d"]', None),
    ],
)
def test_annotations_of_jaxtyping(annotation: str, expected: list[object] | None) -> None:
    imports = "import jaxtyping\nfrom jaxtyping import Float\n"
    body = f"{imports}def f(x: {annotation}, y):\n    torch.einsum('ij,jk->ik', x, y)\n"
    assert claims(body)[0] == expected


def test_one_name_in_two_annotations_is_one_size() -> None:
    imports = "from jaxtyping import Float\nfrom torch import Tensor\n"
    head = 'def f(q: Float[Tensor, "b h i d"], k: Float[Tensor, "b h j d"]):\n'
    text = f"{HEAD}{imports}{head}    torch.einsum('bhid,bhjd->bhij', q, k)\n"
    (call,) = parse_file(SourceFile("f.py", text)).facts(CallSite)
    first, second = call.arguments.shapes
    assert first
    assert second
    assert [one.size == other.size for one, other in zip(first, second, strict=True)] == [
        *(True, True, False, True)
    ]
    assert first[3].offset == text.index("def f")


def test_a_number_squared_forty_times_is_no_size() -> None:
    squares = "n = n * n\n" * 40
    _, right = claims(f"x = torch.ones(2, 3)\nn = 3\n{squares}y = torch.ones(3, n)\n{CALL}")
    assert right
    assert isinstance(right[1], str)


def test_a_program_nested_too_deeply_keeps_no_claims() -> None:
    deep = " + ".join("1" * 2000)
    assert claims(f"x = y = torch.ones(2, 3)\nz = {deep}\n{CALL}") == [None, None]
