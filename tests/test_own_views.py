"""Proof by execution: operands that end in views of their own, source text in, fixed text out."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, permutations, product
from typing import Any

import pytest
import torch
from einops import rearrange

from einlint.algebra.equation import parse
from einlint.algebra.own_views import operand_with_views
from einlint.algebra.views import (
    MOVEDIM,
    PERMUTE,
    REARRANGE,
    SQUEEZE,
    TRANSPOSE,
    TURN,
    View,
    undone,
    viewed,
)
from einlint.diagnostics import Applicability
from einlint.linting.engine import check, fix, read
from einlint.rewriting.assumptions import MEANINGS, SAME_LAYOUT
from einlint.settings import Settings
from einlint.source.file import SourceFile

# So many equations that counting lines would take as long as computing them.
pytestmark = pytest.mark.no_cover

EVERYTHING = Settings(select=("ALL",), assume=tuple(MEANINGS), pedantic=True)
SIZES = {"b": 2, "h": 3, "i": 4, "j": 5, "k": 6, "1": 1}
DTYPES = (torch.float64, torch.int64, torch.complex128, torch.bfloat16)

# An equation, and whether its replacement keeps the strides of einsum's result.
EQUATIONS = (
    "ij,kj->ik",
    "ij,jk->ki",
    "ij,j->i",
    "j,ij->i",
    "ij,jk->ik",
    "bij,bkj->bik",
    "bij,bjk->bki",
    "bjk,ij->bik",
    "bij,kj->bik",
    "bihj,bkhj->bhik",
    "bhik,bkhj->bihj",
    "bhij,bhkj->bhik",
    "bij,bj->bi",
    "bi,bj->bij",
    "ij,ij->ij",
    "bij,ij->bji",
    "ij->ji",
    "bij->jib",
    "bij->ib",
    "bij->j",
    "hbij->bj",
)


def views_of(rank: int) -> Iterator[tuple[tuple[View, str], ...]]:
    """Ends of an operand's text: views, the last one first, each with its text."""
    yield ()
    orders = [order for order in permutations(range(rank)) if order != tuple(range(rank))]
    pairs = [(one, other) for one in range(rank) for other in range(one)]
    single = [(View(PERMUTE, order), f".permute{order}") for order in orders[:: rank - 1 or 1]]
    single += [(View(PERMUTE, order), f".permute({list(order)})") for order in orders[:1]]
    single += [(View(TRANSPOSE, pair), f".transpose{pair}") for pair in pairs]
    single += [(View(TRANSPOSE, (a - rank, b)), f".swapaxes({a - rank}, {b})") for a, b in pairs]
    single += [(View(MOVEDIM, (b, a)), f".movedim({b}, {a})") for a, b in pairs]
    single += [(View(MOVEDIM, (-1, b)), f".movedim(-1, {b})") for _, b in pairs]
    single += [(View(REARRANGE, order), pattern_of(order)) for order in orders]
    if rank > 1:
        single.append((View(TRANSPOSE, (-2, -1)), ".mT"))
    if rank == 2:
        single += [(View(TURN), ".T"), (View(TURN), ".t()")]
    yield from ((each,) for each in single)
    yield from islice(product(single, single[::-1]), 0, None, 13)
    for axis in range(rank + 1):
        squeeze = (View(SQUEEZE, (axis - rank - 1,)), f".squeeze({axis - rank - 1})")
        yield (squeeze,)
        yield from ((each, squeeze) for each in single[::5])


def pattern_of(order: tuple[int, ...]) -> str:
    """The call of einops that permutes axes, with a place for the tensor."""
    names = "wxyz"[: len(order)]
    return f"rearrange({{}}, '{' '.join(names)} -> {' '.join(names[axis] for axis in order)}')"


def text_of(name: str, end: tuple[tuple[View, str], ...]) -> str:
    """The expression that ends in these views."""
    for _, text in reversed(end):
        name = text.format(name) if "{}" in text else name + text
    return name


def cases() -> Iterator[tuple[str, tuple[tuple[tuple[View, str], ...], ...]]]:
    """Each equation with views on its first, on its last, and on both operands."""
    for equation in EQUATIONS:
        ranks = [len(term) for term in parse(equation).inputs]
        ends = [list(views_of(rank)) for rank in ranks]
        if len(ranks) == 1:
            yield from ((equation, (end,)) for end in ends[0])
            continue
        for number in range(max(map(len, ends))):
            first, second = (each[number % len(each)] for each in ends)
            yield equation, (first, ())
            yield equation, ((), second)
            yield equation, (first, ends[1][-number % len(ends[1])])


def base_labels(term: tuple[str, ...], end: tuple[tuple[View, str], ...]) -> tuple[str, ...]:
    operand = operand_with_views(0, term, [view for view, _ in end], len(end))
    assert len(operand.bases) == len(end)
    return operand.bases[-1].labels if end else term


def source_of(equation: str, ends: tuple[tuple[tuple[View, str], ...], ...]) -> str:
    texts = [text_of(name, end) for name, end in zip("ab", ends, strict=False)]
    names = "a: torch.Tensor, b: torch.Tensor"
    call = f'torch.einsum("{equation}", {", ".join(texts)})'
    imports = "import torch\nfrom einops import rearrange\n"
    return f"{imports}\n\ndef compute({names}):\n    return {call}\n"


def bases(
    equation: str,
    ends: tuple[tuple[tuple[View, str], ...], ...],
    sizes: dict[str, int],
    dtype: torch.dtype,
) -> list[torch.Tensor]:
    """What the views are applied to: small whole numbers, of all different sizes."""
    generator = torch.Generator().manual_seed(1)
    tensors = []
    for term, end in zip(parse(equation).inputs, ends, strict=True):
        shape = [sizes[label] for label in base_labels(term, end)]
        tensors.append(torch.randint(-2, 3, shape, generator=generator).to(dtype))
    return tensors


def fixed(source: str, settings: Settings = EVERYTHING) -> str:
    file = read("program.py", source.encode(), settings)
    assert isinstance(file, SourceFile)
    return fix(file, settings, Applicability.SAFE).text


def run(source: str, tensors: list[torch.Tensor]) -> torch.Tensor:
    return function_of(source)(*(tensors * 2)[:2])


def function_of(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(source, "program.py", "exec"), names)
    return names["compute"]


ALL = tuple(islice(cases(), 0, None, 3))
PARTS = 4


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
@pytest.mark.filterwarnings("ignore:.*x.T.*:UserWarning")
@pytest.mark.parametrize("part", range(PARTS))
def test_operands_with_views_give_the_same(part: int) -> None:
    """Values, shapes, dtypes and gradients; strides too, unless the fix says that they differ."""
    folded = 0
    strict = replace(EVERYTHING, assume=tuple(set(MEANINGS) - {SAME_LAYOUT}))
    for number, (equation, ends) in enumerate(ALL[part::PARTS]):
        source = source_of(equation, ends)
        after = fixed(source)
        if after == source:
            continue
        texts = [text.rpartition("{}")[2] for end in ends for _, text in end]
        folded += any(text not in after for text in texts)
        dtype = DTYPES[number % len(DTYPES)]
        tensors = bases(equation, ends, SIZES, dtype)
        expected, actual = run(source, tensors), run(after, tensors)
        assert actual.shape == expected.shape, after
        assert actual.dtype == expected.dtype, after
        assert torch.equal(actual, expected), (source, after)
        if fixed(source, strict) == after and "squeeze" not in source:
            assert actual.stride() == expected.stride(), (source, after)
        if dtype.is_floating_point:
            assert_same_gradients(source, after, tensors)
    assert folded > 30


def assert_same_gradients(source: str, after: str, tensors: list[torch.Tensor]) -> None:
    gradients = []
    for each in (source, after):
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        result = run(each, leaves)
        gradients.append(torch.autograd.grad((result * result).sum(), leaves))
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other), (source, after)


@pytest.mark.parametrize("size", [0, 1])
def test_sizes_zero_and_one_give_the_same_or_raise(size: int) -> None:
    for number, (equation, ends) in enumerate(ALL[size::9]):
        source = source_of(equation, ends)
        after = fixed(source)
        label = "bhijk"[number % 5]
        tensors = bases(equation, ends, {**SIZES, label: size}, torch.float64)
        expected = run(source, tensors)
        try:
            actual = run(after, tensors)
        except RuntimeError:
            continue
        assert torch.equal(actual, expected), (source, after)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # Inductor's own import
@pytest.mark.parametrize(
    ("equation", "operands", "written"),
    [
        ("ij,kj->ik", ("a", "b"), "a @ b.T"),
        ("ij,kj->ik", ("a.softmax(-1)", "b.mT"), "a.softmax(-1) @ b"),
        ("bihj,bkhj->bhik", ("a", "b.transpose(1, 2)"), "a.transpose(1, 2) @ b.transpose(-2, -1)"),
        (
            "bhij,bhjk->bhik",
            ("a.softmax(-1)", "b.permute(0, 2, 1, 3).transpose(1, 2)"),
            "a.softmax(-1) @ b.permute(0, 2, 1, 3).transpose(1, 2)",
        ),
    ],
)
def test_compiled_programs_give_the_same(
    equation: str, operands: tuple[str, str], written: str
) -> None:
    call = f'torch.einsum("{equation}", {", ".join(operands)}).softmax(-1)'
    source = f"import torch\n\n\ndef compute(a, b):\n    return {call}\n"
    after = fixed(source)
    assert f"({written}).softmax" in after
    shapes = {"a.softmax(-1)": None, "b.mT": "jk", "b.transpose(1, 2)": "bhkj"}
    terms = [
        shapes.get(text) or "".join(term)
        for text, term in zip(operands, parse(equation).inputs, strict=True)
    ]
    generator = torch.Generator().manual_seed(1)
    tensors = [torch.randn([SIZES[label] for label in term], generator=generator) for term in terms]
    torch.compiler.reset()
    compiled = torch.compile(function_of(after), dynamic=False, fullgraph=True)
    torch.testing.assert_close(compiled(*tensors), run(source, tensors))


def test_a_list_of_tensors_that_einops_stacks_keeps_its_pattern() -> None:
    """`.T` is no attribute of a list; a tensor that has shown its shape is none."""
    call = 'torch.einsum("ij,jk->ik", a, rearrange(b, "k j -> j k"))'
    head = "import torch\nfrom einops import rearrange\n\n\ndef compute(a, b):\n"
    source = f"{head}    return {call}\n"
    after = fixed(source)
    assert 'return a @ rearrange(b, "k j -> j k")' in after
    rows = [torch.arange(3.0), torch.ones(3)]
    tensors: list[Any] = [torch.arange(6.0).reshape(2, 3), rows]
    assert torch.equal(run(source, tensors), run(after, tensors))
    source = source.replace("    return", "    count = b.shape[0]\n    return count *")
    after = fixed(source)
    assert "return count * (a @ b.T)" in after
    tensors[1] = torch.stack(rows)
    assert torch.equal(run(source, tensors), run(after, tensors))


def test_a_squeeze_that_drops_no_axis_keeps_the_fix_unsafe() -> None:
    """Without the squeeze the replacement of (2, 3) would have two axes, and broadcast them."""
    source = (
        "import torch\n\n\ndef compute(a, b):\n"
        '    return torch.einsum("bi,bj->bij", a.squeeze(-1), b)\n'
    )
    granted = tuple(set(MEANINGS) - {"squeezed-axes"})
    after = fixed(source, replace(EVERYTHING, assume=granted))
    assert "a.squeeze(-1).unsqueeze(-1) * b.unsqueeze(1)" in after
    tensors = [torch.arange(6.0).reshape(2, 3), torch.arange(8.0).reshape(2, 4)]
    assert torch.equal(run(source, tensors), run(after, tensors))
    file = read("program.py", source.encode(), EVERYTHING)
    assert isinstance(file, SourceFile)
    (finding,) = check(file, replace(EVERYTHING, assume=())).diagnostics
    assert finding.fix is not None
    assert "a * b.unsqueeze(1)" in finding.fix.message
    assert "squeezed-axes" in {each.name for each in finding.fix.unmet}


@pytest.mark.filterwarnings("ignore:.*x.T.*:UserWarning")
@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_labels_of_a_view_are_the_axes_of_its_result(rank: int) -> None:
    """Every view and its undoing, against torch."""
    labels = tuple("bhij"[:rank])
    for end in views_of(rank):
        views = [view for view, _ in end]
        before = base_labels(labels, end)
        assert viewed(views, before) == labels
        tensor = torch.zeros([SIZES[label] for label in before])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = eval(text_of("t", end), {"t": tensor, "rearrange": rearrange})
        assert result.shape == tuple(SIZES[label] for label in labels), end
        for view in views:
            back = undone(view)
            result = getattr(result, back.name)(*back.axes)
        assert result.shape == tensor.shape, end
