"""What parameters are given: a dropout of the caller, a number, and a function that is mapped."""

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from tests.source.sdpa.functions import HEAD, attentions, behind_fix

CALL = "F.scaled_dot_product_attention("
BODY = """
    s = q @ k.mT / math.sqrt(q.shape[-1])
    if m is not None:
        m = m.unsqueeze(0)
        s = s.masked_fill(m == 0, -1e9)
    w = s.softmax(-1)
    if dropout is not None:
        w = dropout(w)
    return w @ v
"""
CALLER = """
class Block(nn.Module):
    def __init__(self, p=1.0):
        super().__init__()
        self.dropout = nn.Dropout(p)
    def forward(self, q, k, v, m=None):
        return attend(q, k, v, m, self.dropout)
def f(q, k, v, m):
    block = Block()
    return torch.stack([block(q, k, v), block.eval()(q, k, v, m), attend(q, k, v)])
"""
FUNCTION = f"def attend(q, k, v, m=None, dropout=None):{BODY}"
STATIC = """class Block(nn.Module):
    def __init__(self, p=1.0):
        super().__init__()
        self.dropout = nn.Dropout(p)
    @staticmethod
    def attend(q, k, v, m, dropout):
        w = (q @ k.mT).softmax(-1)
        w = dropout(w)
        return w @ v
    def forward(self, q, k, v):
        return Block.attend(q, k, v, None, self.dropout)
def f(q, k, v, m):
    return torch.stack([Block()(q, k, v), Block().eval()(q, k, v)])
"""
MODULE = f"""class Attend(nn.Module):
    def forward(self, q, k, v, m=None, dropout=None):{BODY.replace(chr(10), chr(10) + "    ")}
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = Attend()
        self.dropout = nn.Dropout(1.0)
    def forward(self, q, k, v, m=None):
        return self.attention(q, k, v, m=m, dropout=self.dropout)
def f(q, k, v, m):
    block = Block()
    return torch.stack([block(q, k, v), block.eval()(q, k, v, m), block.attention(q, k, v)])
"""
DECLARED = """def attend(q, k, v, m, drop: nn.Dropout | None = None, *, other: nn.Dropout = None):
    w = (q @ k.mT).softmax(-1)
    if drop:
        w = drop(w)
    return w @ v
def f(q, k, v, m):
    return torch.stack([attend(q, k, v, m), attend(q, k, v, m, nn.Dropout(1.0))])
"""
MAPPED = """class Block(nn.Module):
    def cut(self, x):
        return x * 2
    def forward(self, q, k, v):
        q, k, v = map(self.cut, (q, k, v))
        return (q @ k.mT).softmax(-1) @ v
def f(q, k, v, m):
    return Block()(q, k, v)
"""
CLOSED_OVER = """def f(q, k, v, m):
    n = 2
    def cut(x):
        return x * n
    q, k, v = map(cut, (q, k, v))
    return (q @ k.mT).softmax(-1) @ v
"""
NUMBER = """def attend(q, k, v, epsilon=1e-2, *, more: float = 2):
    return (q @ k.mT / (q.shape[-1] ** 0.5 + epsilon) * more).softmax(-1) @ v
def f(q, k, v, m):
    return attend(q, k, v, 0.5)
"""
NESTED = """def attend(q, k, v, m=None, p=None):
    s = q @ k.mT
    if m is not None:
        if m.dtype == torch.bool:
            s = s.masked_fill(m, -math.inf)
        else:
            s += m
    w = s.softmax(-1)
    if p is not None:
        if p > 0:
            w = F.dropout(w, p)
    return w @ v
def f(q, k, v, m):
    bias = torch.randn(5, 5, dtype=q.dtype)
    return torch.stack([attend(q, k, v), attend(q, k, v, m), attend(q, k, v, bias, 0.0)])
"""
NESTED_SCALE = """def attend(q, k, v, a=None):
    s = q @ k.mT
    if a is not None:
        if a.dim > 1:
            s = s / a.dim
    return s.softmax(-1) @ v
def f(q, k, v, m):
    return attend(q, k, v)
"""
PACKED = """def attend(qkv, p, training):
    q, k, v = qkv.unbind(dim=2)
    s = torch.einsum("bthd,bshd->bhts", q, k * 0.5)
    m = torch.triu(torch.full((3, 3), -10000.0, device=s.device), 1)
    s = s + m.to(dtype=s.dtype)
    w = torch.softmax(s, dim=-1, dtype=v.dtype)
    w = F.dropout(w, p if training else 0.0)
    return torch.einsum("bhts,bshd->bthd", w, v)
def f(q, k, v, m):
    qkv = torch.stack((q, k, v), 2)
    return torch.stack([attend(qkv, 1.0, True), attend(qkv, 0.5, False)])
"""
SCALE_OF_ONE = """class Block(nn.Module):
    def __init__(self, heads=8, device="cpu"):
        super().__init__()
        self.size = 64 // heads
        self.scale = torch.sqrt(torch.FloatTensor([self.size])).to(device)
    def forward(self, q, k, v, m):
        energy = torch.matmul(q, k.permute(0, 1, 3, 2)) / self.scale
        energy = energy.masked_fill(m == 0, -1e10) / torch.sqrt(torch.FloatTensor([2]))
        return torch.matmul(torch.softmax(energy, dim=-1), v)
def f(q, k, v, m):
    return Block()(q.float(), k.float(), v.float(), m)
"""
BY_KEY = """def f(q, k, v, m, **options):
    return (q @ k.mT * {"scale": 0.3}.get("scale")).softmax(-1) @ v
"""
ONE_IN_A_LIST = """def f(q, k, v, m):
    s = q @ k.mT
    s = torch.where(m, torch.tensor([-1e9]), s)
    return s.softmax(-1) @ v
"""


@pytest.mark.parametrize(
    "text",
    [
        *(FUNCTION + CALLER, STATIC, MODULE, DECLARED),
        *(MAPPED, CLOSED_OVER, NUMBER, ONE_IN_A_LIST),
        *(NESTED, NESTED_SCALE, BY_KEY, PACKED, SCALE_OF_ONE),
    ],
)
def test_the_fix_computes_the_same(text: str) -> None:
    text = HEAD.replace("from einops import rearrange\n", "") + text
    fixed = behind_fix(text)
    assert CALL in fixed
    torch = pytest.importorskip("torch")
    results = []
    for each in (text, fixed):
        names: dict[str, object] = {}
        exec(compile(each, "a.py", "exec"), names)
        torch.manual_seed(0)
        q, k, v = (torch.randn(2, 3, 5, 4, dtype=torch.float64) for _ in range(3))
        mask = torch.rand(3, 5, 5) < 0.5
        mask[..., 0], mask[..., 1] = False, True  # no row is masked as a whole
        function = names["f"]
        assert callable(function)
        results.append(function(q, k, v, mask))
    one, other = results
    assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", ["attend", "scaled_dot_product_attention"])
def test_a_dropout_that_is_none_or_given(name: str) -> None:
    fixed = behind_fix(HEAD + (FUNCTION + CALLER).replace("attend", name))
    assert "dropout_p=dropout.p if dropout is not None and dropout.training else 0.0" in fixed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nn.Dropout(p)", "nn.Identity()"),
        ("nn.Dropout(p)", "Dropout(p)"),
        ("m, self.dropout)", "m, self.other)"),
        ("m, self.dropout)", "m, lambda x: x)"),
        ("m, self.dropout)", "m)"),
        ("m, self.dropout)", "*m)"),
        ("attend(q, k, v)]", "attend(q, k, v, m, F.relu)]"),
        ("    block = Block()", "    block = Block()\n    block.dropout = nn.Identity()"),
        ("\ndef f", "\nclass Heir(Block):\n    def g(self):\n        self.dropout = None\ndef f"),
        ("dropout=None", "dropout=F.relu"),
    ],
)
def test_what_may_be_another_module_is_no_dropout(old: str, new: str) -> None:
    text = FUNCTION + CALLER
    assert old in text
    assert behind_fix(HEAD + text.replace(old, new)) == "`dropout` is not seen to be a dropout"


@pytest.mark.parametrize(
    ("parameter", "count"),
    [("mask=1.0", 0), ("edges=1.0", 0), ("flag=True", 0), ("x: Tensor = None", 0), ("x=2", 1)],
)
def test_what_may_be_a_tensor_is_no_number(parameter: str, count: int) -> None:
    name = parameter.partition("=")[0].partition(":")[0]
    text = dedent(f"""
        def attend(q, k, v, {parameter}):
            return (q @ k.mT * {name}).softmax(-1) @ v
    """)
    (found,) = attentions(HEAD + text)
    assert len(found.obstacles) == 1 - count


def test_a_tensor_without_values_is_no_scale() -> None:
    text = HEAD + SCALE_OF_ONE.replace("[self.size]", "self.size")
    assert CALL not in behind_fix(text.replace("self.scale", "self.other"))


def test_a_mask_that_is_boolean_or_added_is_passed_as_it_is() -> None:
    fixed = behind_fix(HEAD + NESTED.replace("fill(m,", "fill(~m,"))
    assert "attn_mask=m," in fixed


def test_mapped_values_are_not_taken_for_each_other() -> None:
    text = HEAD + CLOSED_OVER.replace("(q, k, v))", "(q, q, v))")
    assert f"{CALL}q, k, v" in behind_fix(text)


def _attend(text: str) -> Callable[..., Any]:
    names: dict[str, Callable[..., Any]] = {}
    exec(text, names)
    return names["attend"]


@pytest.mark.parametrize("change", ["+ x", "- x * 2"])
def test_what_is_a_number_by_default_alone_may_be_a_mask(change: str) -> None:
    body = f"    s = q @ k.mT\n    s = s {change}\n    return s.softmax(-1) @ v\n"
    text = f"{HEAD}def attend(q, k, v, x=0):\n{body}"
    fixed = behind_fix(text)
    assert "attn_mask=attn_mask" in fixed
    torch = pytest.importorskip("torch")
    given = torch.linspace(-1, 1, 15, dtype=torch.float64).reshape(3, 5)
    q, k, v = (torch.randn(2, n, 4, dtype=torch.float64) for n in (3, 5, 5))
    for mask in ((), (2,), (given,)):
        before, behind = (_attend(each)(q, k, v, *mask) for each in (text, fixed))
        torch.testing.assert_close(behind, before)


def test_what_is_annotated_as_a_number_is_none() -> None:
    text = f"{HEAD}def attend(q, k, v, x: int = 0):\n    return (q @ k.mT + x).softmax(-1) @ v\n"
    assert "attn_mask" not in behind_fix(text)
