"""Programs that change what a pass over their text might claim: run, and every claim compared."""

import sys
from types import ModuleType
from typing import Any

import pytest

from einlint.algebra.sizes import Shape, Symbol
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

torch = pytest.importorskip("torch")

HEAD = (
    "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
    "from einops import rearrange\n"
)
Y = "y = torch.ones(3, 4)\n"
CALL = "torch.einsum('ij,jk->ik', x, y)\n"


def bears_out(shapes: tuple[Shape | None, ...], operands: tuple[Any, ...]) -> bool:
    """Whether every size is the one it has, and one symbol one size."""
    sizes: dict[Symbol, int] = {}
    for shape, operand in zip(shapes or (None,) * len(operands), operands, strict=True):
        if shape is None:
            continue
        if len(shape) != operand.dim():
            return False
        for axis, size in zip(shape, operand.shape, strict=True):
            known = axis.size
            if (sizes.setdefault(known, size) if isinstance(known, Symbol) else known) != size:
                return False
    return True


def run(text: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[torch.Tensor, ...]]]:
    """The row and the operands of every call of torch.einsum."""
    seen: list[tuple[int, tuple[torch.Tensor, ...]]] = []
    einsum = torch.einsum

    def noted(equation: str, *operands: torch.Tensor) -> torch.Tensor:
        seen.append((sys._getframe(1).f_lineno, operands))
        return einsum(equation, *operands)

    module = ModuleType("others")
    monkeypatch.setattr(module, "x", torch.ones(2, 3), raising=False)
    monkeypatch.setitem(sys.modules, "others", module)
    monkeypatch.setattr(torch, "ones", torch.ones)
    monkeypatch.setattr(torch, "einsum", noted)
    exec(compile(text, "f.py", "exec"), {"__name__": "f"})
    return seen


CLASS = """
class M(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.n = 5
        self.f = nn.Linear(n, 5)INIT
    def forward(self, y):
        x = self.f(torch.ones(2, 4))
        torch.einsum('ij->ji', x)
        x = torch.ones(2, self.n)
        torch.einsum('ij,jk->ik', x, y)
"""
SETTER = "class Mixin:\n    def set(self):\n        self.n = 3\n"


def of_class(behind: str, init: str = "") -> str:
    """A class that makes sizes of what it holds, and what is done with it."""
    indented = f"\n        {init}" if init else ""
    return CLASS.replace("INIT", indented) + behind


PROGRAMS = {
    "another bias is set": of_class(
        "m = M(4)\nm.f.bias = nn.Parameter(torch.ones(1))\nm(torch.ones(5, 4))\n"
    ).replace("torch.einsum('ij->ji', x)", "torch.einsum('i->i', self.f.bias)"),
    "another weight is set": of_class(
        "m = M(4)\nm.f.weight = nn.Parameter(torch.ones(5, 4))\nm(torch.ones(5, 4))\n"
    ).replace("torch.einsum('ij->ji', x)", "torch.einsum('ij->ji', self.f.weight)"),
    "out= resizes a tensor": (
        f"x = torch.empty(0)\ntorch.add(torch.ones(2, 3), 1, out=x)\n{Y}{CALL}"
    ),
    "star import behind a name": f"x = torch.ones(5, 6)\n{Y}from others import *\n{CALL}",
    "exec": f"n = 5\nexec('n = 3')\nx = torch.ones(2, n)\n{Y}{CALL}",
    "globals": f"n = 5\nglobals().update(n=3)\nx = torch.ones(2, n)\n{Y}{CALL}",
    "locals of a module": f"n = 5\nlocals()['n'] = 3\nx = torch.ones(2, n)\n{Y}{CALL}",
    "nonlocal parameter": (
        "def f(x):\n    def g():\n        nonlocal x\n        x = torch.ones(2, 3)\n"
        f"    a, b, c = x.shape\n    g()\n    {Y}    {CALL}f(torch.ones(1, 2, 3))\n"
    ),
    "global name behind an assert": (
        "x = 0\ndef g():\n    global x\n    x = torch.ones(2, 3)\ndef f():\n    global x\n"
        f"    x = torch.ones(5, 6)\n    assert x.shape == (5, 6)\n    g()\n    {Y}    {CALL}f()\n"
    ),
    "walrus of a global name": (
        "def g():\n    global x\n    x = torch.ones(2, 3)\ndef f():\n    global x\n"
        f"    (x := torch.ones(5, 6))\n    g()\n    {Y}    {CALL}f()\n"
    ),
    "walrus in a subscript": (
        f"x = torch.ones(5, 6)\n{Y}d = {{}}\nd[x := torch.ones(2, 3)] = 1\n{CALL}"
    ),
    "walrus before `and`": (
        f"x = torch.ones(5, 6)\n{Y}(x := torch.ones(2, 3)) is not None and {CALL}"
    ),
    "list bound by a walrus": f"(n := [2])\nn.append(3)\nx = torch.ones(n)\n{Y}{CALL}",
    "list bound in a tuple": f"n, m = [2], 4\nn.append(3)\nx = torch.ones(n)\n{Y}{CALL}",
    "bounds of clamp broadcast": f"x = torch.ones(1, 3).clamp(min=torch.ones(2, 3))\n{Y}{CALL}",
    "axis= of cat": f"x = torch.cat([torch.ones(2, 1), torch.ones(2, 2)], axis=1)\n{Y}{CALL}",
    "axis= of stack": (
        f"x = torch.stack([torch.ones(2), torch.ones(2), torch.ones(2)], axis=1)\n{Y}{CALL}"
    ),
    "axis= of chunk": f"x, _ = torch.ones(2, 6).chunk(2, axis=1)\n{Y}{CALL}",
    "m= of eye": f"x = torch.eye(2, m=3)\n{Y}{CALL}",
    "end= of arange": f"x = torch.arange(2, end=5)[None].float()\n{Y}{CALL}",
    "part of a shape that is shorter": (
        f"def f(q):\n    x = torch.ones((*q.shape[:2], 3))\n    {Y}    {CALL}f(torch.ones(2))\n"
    ),
    "view of a class of the file": (
        "class V:\n    def view(self, a, b):\n        return torch.ones(2, 3)\n"
        f"x = V().view(5, 6)\n{Y}{CALL}"
    ),
    "expand of a distribution": (
        f"x = torch.distributions.Normal(torch.zeros(1), 1.0).expand([3]).sample((2,))\n{Y}{CALL}"
    ),
    "torch.ones is replaced": (
        f"torch.ones = lambda *_: torch.zeros(3, 3)\nx = torch.ones(5, 6)\n{Y}{CALL}"
    ),
    "hook of a layer": (
        "layer = nn.Linear(6, 5)\nlayer.register_forward_hook(lambda m, i, o: o[:, :3])\n"
        f"x = layer(torch.ones(2, 6))\n{Y}{CALL}"
    ),
    "weight of a layer": (
        "layer = nn.Linear(6, 5, bias=False)\nlayer.weight = nn.Parameter(torch.ones(3, 6))\n"
        f"x = layer(torch.ones(2, 6))\n{Y}{CALL}"
    ),
    "forward of a layer": (
        "layer = nn.Linear(6, 5)\nlayer.forward = lambda t: t[:, :3]\n"
        f"x = layer(torch.ones(2, 6))\n{Y}{CALL}"
    ),
    "operand that is unpacked": (
        f"def f(x, y):\n    {CALL.replace('x,', '*x,')}"
        f"    torch.einsum('bij->bji', x)\n{Y}f(torch.ones(1, 2, 3), y)\n"
    ),
    "items of lists that are joined": (
        "def f(a, b):\n    c = a + b\n    x, y = c[0], c[1]\n"
        f"    torch.einsum('ij->ji', x)\n    {CALL}f([torch.ones(2, 3)], [torch.ones(3, 4)])\n"
    ),
    "what attention returns": (
        "def f(q):\n    m = nn.MultiheadAttention(4, 2, batch_first=True)\n    r = m(q, q, q)\n"
        "    out, w = r[0], r[1]\n    b, n, d = out.shape\n"
        "    torch.einsum('bij->bji', w)\nf(torch.ones(1, 3, 4))\n"
    ),
    "a Sequential that returns two tensors": (
        "class Two(nn.Module):\n    def forward(self, t):\n        return t, t[0]\n"
        "def f(q):\n    r = nn.Sequential(Two())(q)\n    out, w = r[0], r[1]\n"
        "    b, n, d = out.shape\n    torch.einsum('ij->ji', w)\nf(torch.ones(5, 3, 4))\n"
    ),
    "rank that one branch tells": (
        "def f(x, flag):\n    y = x.float()\n    if flag:\n        a, b, c = y.shape\n"
        "    torch.einsum('...i->...', x)\nf(torch.ones(2, 3), False)\n"
    ),
    "a helper that makes another value each time": (
        "def some(n, m=[2, 5]):\n    return torch.ones(m.pop(), n)\n"
        "k = 3\nx = some(k)\ny = some(k)\ntorch.einsum('ij,kl->ik', x, y)\n"
    ),
    "other= of a product": f"x = torch.mul(torch.ones(3), other=torch.ones(2, 3))\n{Y}{CALL}",
    "list in an attribute": of_class(
        f"m = M(4)\n{Y.replace('3', '5')}m(y)\n"
        "class L(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.ns = [2]\n    def forward(self, y):\n        self.ns.append(3)\n"
        f"        x = torch.ones(self.ns)\n        {CALL}L()(torch.ones(3, 4))\n"
    ),
    "mixin of a derived class": of_class(
        f"{SETTER}class N(Mixin, M):\n    pass\nm = N(4)\nm.set()\n{Y}m(y)\n"
    ),
    "class attributes of a derived class": of_class(
        "class N(M):\n    n, f = 3, nn.Linear(4, 2)\n"
        f"    def __init__(self):\n        nn.Module.__init__(self)\n{Y}N()(y)\n"
    ),
    "reading that is overridden": of_class(
        f"    def __getattribute__(self, name):\n"
        f"        return 3 if name == 'n' else super().__getattribute__(name)\n{Y}M(4)(y)\n"
    ),
    "module added by name": of_class(
        f"{Y.replace('3', '5')}M(4)(y)\n", "self.add_module('f', nn.Linear(4, 3))"
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_claim_is_false(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + PROGRAMS[name]
    seen = run(text, monkeypatch)
    calls = parse_file(SourceFile("f.py", text)).facts(CallSite)
    claimed = {call.lines.line_number(call.start): call.arguments.shapes for call in calls}
    assert seen
    assert all(bears_out(claimed[row], operands) for row, operands in seen)
