"""Attention as the fixer writes it, under torch.compile: Inductor fuses what it takes for one.

Its patterns know a permutation by its place alone. `k.permute(0, 2, 3, 1)`, where they expect
`k.transpose(-2, -1)`, makes compiling fail, or gives other values where sizes agree.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from einlint.diagnostics import Applicability
from einlint.linting.engine import fix
from einlint.settings import Settings
from einlint.source.file import SourceFile

# What the first call computes, what the second one does, and the views in front of the product
# with the keys.
LAYOUTS = {
    "b h n d": ("bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd", "q0 @ k0.transpose(-2, -1)"),
    "b n h d": (
        "bqhd,bkhd->bhqk",
        "bhqk,bkhd->bqhd",
        "q0.transpose(1, 2) @ k0.transpose(1, 2).transpose(-2, -1)",
    ),
    "b n d": ("bqd,bkd->bqk", "bqk,bkd->bqd", "q0 @ k0.transpose(-2, -1)"),
    "n b d": (
        "qbd,kbd->bqk",
        "bqk,kbd->qbd",
        "q0.transpose(0, 1) @ k0.transpose(0, 1).transpose(-2, -1)",
    ),
    "queries b h n d": (
        "bhqd,bkhd->bhqk",
        "bhqk,bkhd->bhqd",
        "q0 @ k0.transpose(1, 2).transpose(-2, -1)",
    ),
    "queries b n h d": (
        "bqhd,bhkd->bhqk",
        "bhqk,bhkd->bqhd",
        "q0.transpose(1, 2) @ k0.transpose(-2, -1)",
    ),
}
# Inductor would take their views for others: the call stays.
KEPT = {
    "n b h d": ("qbhd,kbhd->bhqk", "bhqk,kbhd->qbhd"),
    "n h b d": ("qhbd,khbd->bhqk", "bhqk,khbd->qhbd"),
    "a b n h d": ("abqhd,abkhd->abhqk", "abhqk,abkhd->abqhd"),
}
SQUARE = {"b": 2, "q": 8, "k": 8, "h": 8, "d": 16, "a": 3}
OBLONG = {**SQUARE, "q": 24, "k": 24, "h": 4}
# Inductor has a pattern for each.
WEIGHTS = ("(s * 0.25).softmax(-1)", "(s / 4.0 + m).softmax(-1)")
UNSAFE = Settings(assume=("equal-sizes", "not-slower", "same-layout"))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # Inductor's own import
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("sizes", [SQUARE, OBLONG], ids=["square", "oblong"])
def test_rewritten_attention_compiles_to_what_einsum_computes(
    layout: str, sizes: dict[str, int]
) -> None:
    scores, values, product = LAYOUTS[layout]
    source = program(scores, values)
    written = fixed(source)
    assert "einsum" not in written
    assert product in written

    generator = torch.Generator().manual_seed(1)
    operands = [
        torch.randn([sizes[label] for label in term], generator=generator)
        for _ in WEIGHTS
        for term in operand_terms(scores, values)
    ]
    mask = torch.randn(sizes["q"], sizes["k"], generator=generator)
    torch.compiler.reset()
    with torch.inference_mode():
        expected = function_of(source)(mask, *operands)
        compiled = torch.compile(function_of(written), dynamic=False, fullgraph=True)
        results = compiled(mask, *operands)
    for result, plain in zip(results, expected, strict=True):
        torch.testing.assert_close(result, plain, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("layout", KEPT)
def test_what_inductor_would_mistake_is_not_written(layout: str) -> None:
    scores, values = KEPT[layout]
    assert f'einsum("{scores}", q' in fixed(program(scores, values))


def program(scores: str, values: str) -> str:
    """A function that computes attention once for each of WEIGHTS, of operands of its own.

    Computed of the same ones, they would share what Inductor must see used once.
    """
    names, body = [], ""
    for number, weights in enumerate(WEIGHTS):
        q, k, v = (f"{name}{number}" for name in "qkv")
        names += [q, k, v]
        body += f'    s = torch.einsum("{scores}", {q}, {k})\n    s = {weights}\n'
        body += f'    o{number} = torch.einsum("{values}", s, {v})\n'
    results = ", ".join(f"o{number}" for number in range(len(WEIGHTS)))
    signature = f"def attention(m, {', '.join(names)}):"
    return f"import torch\n\n\n{signature}\n{body}    return {results}\n"


def operand_terms(scores: str, values: str) -> tuple[str, str, str]:
    queries, keys = scores.partition("->")[0].split(",")
    return queries, keys, values.partition("->")[0].split(",")[1]


def fixed(source: str) -> str:
    return fix(SourceFile("attention.py", source), UNSAFE, Applicability.UNSAFE).text


def function_of(source: str) -> Callable[..., tuple[torch.Tensor, ...]]:
    names: dict[str, Any] = {}
    exec(compile(source, "attention.py", "exec"), names)
    function: Callable[..., tuple[torch.Tensor, ...]] = names["attention"]
    return function
