"""Attention as the fixer writes it, under torch.compile: Inductor fuses what it takes for one.

Its patterns know a permutation by its place alone. `k.permute(0, 2, 3, 1)`, where they expect
`k.transpose(-2, -1)`, makes compiling fail, or gives other values where sizes agree.
"""

from collections.abc import Callable, Sequence
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
# The same with views of the operands' own; None if the call stays.
OWN_VIEWS = {
    "keys moved": (
        "bqhd,bkhd->bhqk",
        ("", ".transpose(1, 2)"),
        "q0.transpose(1, 2) @ k0.transpose(-2, -1)",
    ),
    "both moved": (
        "bqhd,bkhd->bhqk",
        (".transpose(1, 2)", ".permute(0, 2, 1, 3)"),
        "q0 @ k0.transpose(-2, -1)",
    ),
    "keys turned": ("bhqd,bhdk->bhqk", ("", ".mT"), "q0 @ k0.mT"),
    "keys turned too often": ("bhqd,bhkd->bhqk", ("", ".mT.mT"), "q0 @ k0.mT"),
    "as they are": (
        "bhqd,bhkd->bhqk",
        (".transpose(1, 2)", ".transpose(1, 2)"),
        "q0.transpose(1, 2) @ k0.transpose(1, 2).transpose(-2, -1)",
    ),
    "in one permutation": ("bhqd,bhdk->bhqk", (".transpose(1, 2)", ".permute(0, 2, 3, 1)"), None),
    "rolled": (
        "hbqd,bkhd->bhqk",
        ("", ".permute(1, 2, 0, 3)"),
        "(q0 @ k0.transpose(-2, -1)).transpose(0, 1)",
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
# The products alone: another rule writes all of an attention as one call.
UNSAFE = Settings(
    assume=("equal-sizes", "not-slower", "same-layout"), pedantic=True, ignore=("EIN202",)
)


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
    assert_compiles_to(written, source, operand_terms(scores, values), sizes)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("layout", OWN_VIEWS)
def test_rewritten_attention_of_views_compiles_to_what_einsum_computes(layout: str) -> None:
    scores, own, product = OWN_VIEWS[layout]
    source = program(scores, "bhqk,bhkd->bhqd", (*own, ""))
    written = fixed(source)
    terms = operand_terms(scores, "bhqk,bhkd->bhqd")
    shaped = [shape_before(term, views) for term, views in zip(terms, (*own, ""), strict=True)]
    if product is None:
        assert f'einsum("{scores}", q' in written
    else:
        assert f"s = {product}" in written
        assert_compiles_to(written, source, shaped, SQUARE)


def shape_before(term: str, views: str) -> str:
    """The labels of what the views are applied to: found by undoing them on their places."""
    places = torch.arange(float(len(term))).int()
    order = eval(f"x{views}", {"x": torch.zeros([2 + each for each in places])}).shape
    before = [""] * len(term)
    for label, size in zip(term, order, strict=True):
        before[size - 2] = label
    return "".join(before)


def assert_compiles_to(
    written: str, source: str, terms: Sequence[str], sizes: dict[str, int]
) -> None:
    generator = torch.Generator().manual_seed(1)
    operands = [
        torch.randn([sizes[label] for label in term], generator=generator)
        for _ in WEIGHTS
        for term in terms
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


def program(scores: str, values: str, own: Sequence[str] = ("", "", "")) -> str:
    """A function that computes attention once for each of WEIGHTS, of operands of its own.

    Computed of the same ones, they would share what Inductor must see used once.
    """
    names, body = [], ""
    for number, weights in enumerate(WEIGHTS):
        q, k, v = (f"{name}{number}" for name in "qkv")
        names += [q, k, v]
        first, second, third = (name + end for name, end in zip((q, k, v), own, strict=True))
        body += f'    s = torch.einsum("{scores}", {first}, {second})\n    s = {weights}\n'
        body += f'    o{number} = torch.einsum("{values}", s, {third})\n'
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
