"""Attention that no table of steps reads, found by following the scores and the weights."""

import pytest

from einlint import Settings, check_source
from einlint.source.facts.attention_by_hand import AttentionByHand
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file
from tests.source.sdpa.functions import HEAD

SCORES = "q @ k.transpose(-2, -1)"


def methods(*bodies: str, init: str = "pass", before: str = "") -> str:
    """A class; every body is a head without `def`, and statements that semicolons part."""
    text = f"{HEAD}{before}\nclass Attention(nn.Module):\n    def __init__(self):\n        {init}\n"
    for body in bodies:
        head, _, rest = body.partition(": ")
        text += f"    def {head}:\n"
        text += "".join(f"        {each.strip(' ')}\n" for each in rest.split("; "))
    return text


def every(text: str, filename: str = "a.py") -> list[AttentionByHand]:
    """All attention of a file."""
    return list(parse_file(SourceFile(filename, text)).facts(AttentionByHand))


def followed(text: str, filename: str = "a.py") -> list[str]:
    """What stands in the way of each attention that is followed only."""
    found = every(text, filename)
    return [e.obstacles[0] for e in found if not isinstance(e, HandWrittenAttention)]


FORWARD = "forward(self, q, k, v, m=None): "
SOFTMAX_OF_THE_FILE = """
def masked_softmax(x, m):
    y = torch.exp(x - x.amax(-1, keepdim=True)) * m
    return y / y.sum(-1, keepdim=True)
"""
PRODUCT_OF_THE_FILE = """
class MatMul(nn.Module):
    def forward(self, a, b):
        return torch.matmul(a, b)
"""
EITHER = """
def product(a, b, n):
    if n > 1:
        pieces = [x @ y for x, y in zip(a.chunk(n), b.chunk(n))]
        return torch.cat(pieces, 0)
    return a @ b
"""
PROBSPARSE = methods(
    "_prob_QK(self, Q, K, n): top = (Q.sum(-1)).topk(n, sorted=False)[1]; "
    "Q_K = torch.matmul(Q[:, top], K.transpose(-2, -1)); return Q_K, top",
    "_update(self, context, V, scores, index): attn = torch.softmax(scores, dim=-1); "
    "context[:, index] = torch.matmul(attn, V).type_as(context); return context, attn",
    "forward(self, q, k, v): top, index = self._prob_QK(q, k, 5); top = top * 0.1; "
    "return self._update(v.cumsum(1), v, top, index)",
)


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        pytest.param(PROBSPARSE, "`Attention._prob_QK` computes the scores", id="informer"),
        pytest.param(
            methods(
                f"{FORWARD}s = self.score(q, k); return s.softmax(-1) @ v",
                "score(q, k): return torch.einsum('bhid,bhjd->bhij', q, k)",
            ).replace("    def score", "    @staticmethod\n    def score"),
            "`Attention.score` computes the scores",
            id="a static method",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = self.score(q, k); w = s.softmax(-1); return torch.bmm(w, v)",
                "score(self, q, k):  return torch.bmm(q, k.transpose(1, 2)) if self.dot else "
                "self.v(torch.tanh(self.wq(q)[:, :, None] + self.uc(k)[:, None])).squeeze(-1)",
            ).replace("if self.dot else", "if self.dot == 1 else"),
            "",
            id="one of two scores, which the table reads",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = self.multiply(q, k.transpose(-2, -1)); w = s.softmax(-1); "
                "return self.multiply(w, v)",
                init="self.multiply = MatMul()",
                before=PRODUCT_OF_THE_FILE,
            ),
            "`MatMul.forward` computes the scores",
            id="a module that multiplies",
        ),
        pytest.param(
            methods(f"{FORWARD}s = self.bmm(q, k); w = F.softmax(s, -1); return self.bmm(w, v)"),
            "`self.bmm` is no product that einlint knows",
            id="a product that is given",
        ),
        pytest.param(
            methods(f"{FORWARD}s = ({SCORES}).mean(1); w = s.softmax(-1); return w @ v"),
            "line 13 does to the scores what einlint does not read: "
            "`(q @ k.transpose(-2, -1)).mean(1)`",
            id="the mean of the heads",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = [a @ b.transpose(-2, -1) for a, b in zip(q, k)]; "
                "w = [each.softmax(dim=-1) for each in s]; w = self.attn_drop(w); "
                "return [a @ b for a, b in zip(w, v)]"
            ),
            "line 13 computes the scores in a comprehension",
            id="lists",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = []; "
                "for a, b in zip(q, k): s.append(a @ b.transpose(-2, -1)); "
                "w = F.softmax(torch.stack(s, 1), -1); return w @ v"
            ),
            "line 14 puts the scores into something else",
            id="a list that grows",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = product(q, k.transpose(-2, -1), 2); w = s.softmax(-1); "
                "return product(w, v, 2)",
                before=EITHER,
            ),
            "`product` computes the scores",
            id="a function that may split",
        ),
        pytest.param(
            methods(
                f"{FORWARD}self.attn = None; "
                f"self.attn = torch.softmax(self.mix(m, k, v, {SCORES}), dim=-1); "
                "return torch.matmul(self.dropout(self.attn), v)"
            ),
            "line 14 does to the scores what einlint does not read: "
            "`self.mix(m, k, v, q @ k.transpose(-2, -1))`",
            id="an attribute, behind an unknown module",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = torch.einsum(self.eq_attn, q, k); w = s.softmax(self.dim); "
                "return torch.einsum(self.eq_multi, w, v)"
            ),
            "line 13 gives `einsum` no literal equation",
            id="equations that a setting chooses",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = torch.einsum('bid,bijd->bij', q, k); "
                "w = s.softmax(-1); return torch.einsum('bij,bijd->bid', w, v)"
            ),
            "einlint does not read all of the lines 13 to 15",
            id="keys of each query",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = torch.einsum('bhqd,bhkd->bhqk', q, k); "
                "w = s.softmax(-1); return torch.einsum('bhqk,bhvd->bhqd', w, v)"
            ),
            "line 15 sums the weights alone, and no values",
            id="a slip in the second equation",
        ),
        pytest.param(
            methods(
                f"{FORWARD}s = torch.einsum('b i d, b j d -> b i j', (q, k)); "
                "w = s.mean(1).softmax(-1); return torch.einsum('b i j, b j d -> b i d', (w, v))"
            ),
            "line 14 does to the scores what einlint does not read: `s.mean(1)`",
            id="operands in a tuple",
        ),
        pytest.param(
            methods(
                f"{FORWARD}return self.attn_fn({SCORES}, dim=-1) @ v",
                init="self.attn_fn = entmax15 if self.sparse else F.softmax",
            ),
            "einlint does not read all of line 13",
            id="a softmax that a setting chooses",
        ),
        pytest.param(
            methods(f"{FORWARD}s = torch.inner(q, k); w = s.softmax(-1); yield w @ v"),
            "line 13 multiplies with `inner`",
            id="an inner product, in a generator",
        ),
        pytest.param(
            methods(
                f"{FORWARD}w_k, w_v = self.kv(k); s = self.a(m, m, m, q @ w_k.mT); "
                "return s.softmax(-1) @ w_v"
            ),
            "line 14 does to the scores what einlint does not read: `self.a(m, m, m, q @ w_k.mT)`",
            id="keys that are called as their layers",
        ),
    ],
)
def test_what_no_table_reads(text: str, obstacle: str) -> None:
    assert followed(text) == ([obstacle] if obstacle else [])


@pytest.mark.parametrize(
    "body",
    [
        # gates, codebooks and memories
        "s = self.mix(q @ self.keys.t()); return s.softmax(-1) @ self.values",
        "s = self.mix(q @ k.mT); w = s.softmax(-1); return w @ self.proj.weight",
        "s = self.mix(q @ k.mT); w = s.softmax(-1); return w @ expert_out",
        # features, and a softmax of them
        "a = self.mlp(m, k, v, m @ q); w = a.softmax(-1); return w @ v",
        "a = self.one(k, k, k, self.two(m, k, v, m @ q)); w = a.softmax(-1); return w @ v",
        "w = self.attn(torch.tanh(self.one(q))).softmax(-1); c = w @ k; return self.mix(c) @ v",
        # another axis than the keys
        "s = self.mask(q @ k.mT); return s.softmax(-2) @ v",
        "s = self.mask(q @ k.mT); return s.softmax(-1).mT @ v",
        "s = self.mask(torch.bmm(q, k)); return torch.bmm(F.softmax(s, dim=1), v)",
        "s = torch.einsum('bid,bijd->bij', q, k); w = s.softmax(1); "
        "return torch.einsum('bij,bijd->bid', w, v)",
        # linear attention
        "q, k = q.softmax(-1), k.softmax(-2); return q @ (k.mT @ v)",
        # a mean of distances, and weights times features
        "w = self.mix(m, k, v, q @ k.mT).softmax(-1); return torch.einsum('nm,hnm->h', m, w)",
        "w = self.mix(q @ k.mT).softmax(-1); return q.mT @ (v * w.sum(-1)[..., None])",
        # losses
        "s = self.mix(q @ k.mT); p = s.log_softmax(-1); return p @ v",
        "s = F.cross_entropy(m, m, m, q @ k.mT); return s.softmax(-1) @ v",
        "s = self.kl_loss(m, m, m, q @ k.mT); return s.softmax(-1) @ v",
        # what asks for the shape alone
        "s = torch.rand_like(q @ k.mT); return s.softmax(-1) @ v",
        "s = torch.zeros((q @ k.mT).shape); return s.softmax(-1) @ v",
    ],
)
def test_look_alikes(body: str) -> None:
    text = methods(f"{FORWARD}{body}", init="self.keys = nn.Parameter(torch.randn(2, 3))")
    assert not every(text)


def test_nothing_is_called_attention() -> None:
    text = methods(f"{FORWARD}s = self.mix(m, k, v, {SCORES}); return s.softmax(-1) @ v")
    assert followed(text)
    assert not followed(text.replace("Attention", "Layer"))


@pytest.mark.parametrize("library", ["import jax.numpy as torch", "import tensorflow as tf"])
def test_other_libraries(library: str) -> None:
    text = methods(f"{FORWARD}s = self.mix(m, k, v, {SCORES}); return s.softmax(-1) @ v")
    lines = [each for each in text.splitlines() if "torch" not in each]
    assert not followed("\n".join([library, *lines]))


def test_a_notebook_that_never_imports_torch_itself() -> None:
    body = "s = torch.bmm(q, k.transpose(1, 2)); w = F.softmax(s, 2); return torch.bmm(w, v), w"
    text = methods(f"{FORWARD}{body}").replace(HEAD, "import torch.nn as nn\n")
    assert followed(text) == ["einlint does not read all of the lines 7 to 9"]


def test_a_fused_branch_of_the_class() -> None:
    fast = "fast(self, q, k, v): return F.scaled_dot_product_attention(q, k, v)"
    text = methods(f"{FORWARD}s = self.mix(m, k, v, {SCORES}); return s.softmax(-1) @ v", fast)
    assert not followed(text)


def test_buffers_that_other_methods_update() -> None:
    step = "step(self, x): self.bases = self.momentum * x"
    body = f"{FORWARD}s = self.mask(q @ self.bases); return self.bases @ s.softmax(-1).mT"
    assert not followed(methods(body, step, init="self.register_buffer('bases', torch.ones(2))"))


def test_a_helper_with_the_softmax_speaks_for_several() -> None:
    helper = "\ndef weights(s, m):\n    m = [m]\n    p = torch.softmax(s, -1)\n    return p, m\n"
    body = "w, m = weights(q @ k.transpose(-2, -1), m); return w @ v"
    text = methods(f"{FORWARD}{body}", f"other(self, q, k, v, m): {body}", before=helper)
    assert followed(text) == ["`weights` computes the weights"] * 2


def test_only_a_pedantic_report_shows_it() -> None:
    def found(*, pedantic: bool) -> list[str]:
        settings = Settings(select=("EIN202",), pedantic=pedantic)
        return [e.message for e in check_source(PROBSPARSE, settings=settings).diagnostics]

    assert not found(pedantic=False)
    (message,) = found(pedantic=True)
    assert message.endswith("cannot replace: `Attention._prob_QK` computes the scores")


@pytest.mark.parametrize("count", [40, 700])
def test_what_is_nested_too_deeply(count: int) -> None:
    deep = "+".join(["q"] * count)
    text = methods(f"{FORWARD}s = self.mix({deep}, m, k, {SCORES}); return s.softmax(-1) @ v")
    (obstacle,) = followed(text)
    assert obstacle.startswith("line 13 does to the scores what einlint does not read: `")


@pytest.mark.parametrize(
    "body",
    [
        "x = self.mix(q @ k.mT); x @= v; return x.softmax(-1) @ v",
        "while (x := self.mix(q @ k.mT)).any(): x = x.softmax(-1) @ v; return {**x, 1: [*x]}",
        "return [lambda: q @ k, *(i async for i in q), q[..., None].softmax(), einsum(*q, k)]",
    ],
)
def test_odd_code_is_read(body: str) -> None:
    followed(methods(f"{FORWARD}{body}").replace("    def forward", "    async def forward"))
