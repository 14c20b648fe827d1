"""What computes what: the terms of the operands of einsum calls, and what they tell."""

import ast
import time

import pytest

from einlint.source.binder import bind
from einlint.source.finder import tree_of
from einlint.source.imports import calls_of_apis
from einlint.source.infer import FileTerms
from einlint.source.lines import LineIndex
from einlint.source.operators import OPERATORS, SAME
from einlint.source.terms import CHOICE, OPAQUE, PRODUCT, Term, bottom_up

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def read(body: str) -> tuple[FileTerms, ast.Call]:
    """The terms of a file, and its last einsum call."""
    text = HEAD + body
    bound = bind(tree_of(text))
    apis = calls_of_apis(bound)
    file = FileTerms.read(bound, LineIndex.of(text), apis)
    return file, max(apis, key=lambda call: call.lineno)


def operand(body: str, number: int = 0) -> Term:
    """An operand of the last einsum call."""
    file, call = read(body)
    (visit,) = file.terms_of(call)
    return visit.terms[number + 1]


def shown(term: Term) -> str:
    """The operators of a term."""
    inner = ", ".join(map(shown, term.operands))
    name = getattr(term.detail, "name", term.detail)
    return f"{term.operator}({inner})" if inner else str(name)


ATTENTION = """
class Attention(nn.Module):
    def __init__(self, dim, scale):
        super().__init__()
        self.to_q = nn.Linear(dim, dim)
        self.attend = nn.Softmax(-1)
        self.scale = scale
    def forward(self, q, k, v, mask):
        dots = torch.einsum("bid,bjd->bij", self.to_q(q), k) * self.scale
        if mask is not None:
            dots = dots.masked_fill(mask, 0.0)
        return torch.einsum("bij,bjd->bid", self.attend(dots), v)
"""


def test_the_operands_of_a_call_know_what_computes_them() -> None:
    weights = operand(ATTENTION)
    layer, chosen = weights.operands
    assert (weights.operator, layer.detail) == ("apply", "torch.nn.Softmax")
    assert chosen.operator == CHOICE
    _, masked, scaled = chosen.operands
    assert masked.operator == "masked_fill"
    assert masked.operands[0] is scaled
    product, scale = scaled.operands
    assert (product.operator, str(product.detail)) == (PRODUCT, "bid,bjd->bij")
    assert shown(scale) == "scale"
    assert shown(product.operands[1]) == "k"


@pytest.mark.parametrize(
    ("product", "equation"),
    [
        ("x @ y", "...ij,...jk->...ik"),
        ("torch.matmul(x, y)", "...ij,...jk->...ik"),
        ("x.matmul(y)", "...ij,...jk->...ik"),
        ("torch.bmm(x, y)", "bij,bjk->bik"),
        ("torch.einsum('bij,bkj->bik', x, y)", "bij,bkj->bik"),
    ],
)
def test_a_product_of_any_spelling_is_one_operator(product: str, equation: str) -> None:
    term = operand(f"def f(x, y):\n    torch.einsum('bij->bji', {product})\n")
    assert (term.operator, str(term.detail)) == (PRODUCT, equation)
    assert list(map(shown, term.operands)) == ["x", "y"]


def test_a_fused_product_is_scaled_and_added() -> None:
    call = "torch.baddbmm(b, x, y, alpha=s)"
    term = operand(f"def f(b, x, y, s):\n    torch.einsum('bij->bji', {call})\n")
    assert shown(term) == "add(b, mul(product(x, y), s))"


def test_what_is_changed_in_place_is_changed_under_all_its_names() -> None:
    body = "def f(x, m):\n    y = x\n    x.masked_fill_(m, 0)\n    torch.einsum('ij->ji', y)\n"
    assert shown(operand(body)) == "in_place(x, m, 0)"


def test_what_leaves_a_function_is_a_sink() -> None:
    file, _ = read("def f(x):\n    g(x)\n    self.y = x\n    return torch.einsum('ij->ji', x)\n")
    (sinks,) = [sinks for scope, sinks in file.sinks.items() if scope.parent is not None]
    assert [each.operator for each in sinks] == ["statement", "store", "return"]


@pytest.mark.parametrize(
    ("body", "sinks"),
    [
        ("if x.any():\n        x = y\n", ["test"]),
        ("assert x.any()\n", ["test"]),
        ("for _ in x:\n        y = x\n", ["forgotten", "test", "forgotten", "forgotten"]),
        ("with x:\n        y = x\n", ["statement", "forgotten"]),
    ],
)
def test_what_decides_or_is_kept_behind_a_loop_is_a_sink(body: str, sinks: list[str]) -> None:
    file, _ = read(f"def f(x, y):\n    {body}    return torch.einsum('ij->ji', y)\n")
    (found,) = [found for scope, found in file.sinks.items() if scope.parent is not None]
    operators = [each.operator for each in found if each.operands]
    assert [each for each in operators if each != "return"] == sinks


@pytest.mark.parametrize(
    ("value", "front", "back"),
    [
        ("x.unsqueeze(1)", {1}, set()),
        ("x.unsqueeze(-1)", set(), {-1}),
        ("x[:, None]", {1}, set()),
        ("x[..., None, :]", set(), {-2}),
        ("x.sum(-1, keepdim=True)", set(), {-1}),
        ("x.unsqueeze(1).contiguous().transpose(0, 1)", {0}, set()),
        ("(x.unsqueeze(-1) * 2).mT", set(), {-2}),
        ("x[None, ..., None]", {0}, {-1}),
        ("nn.Linear(3, 4)(x.unsqueeze(1))", {1}, set()),
        ("x", set(), set()),
        ("x.unsqueeze(n)", set(), set()),
        ("torch.ones(2, 1, 3)", {1}, {-2}),
    ],
)
def test_axes_of_size_one_are_visible_where_the_rank_is_not(
    value: str, front: set[int], back: set[int]
) -> None:
    file, call = read(f"def f(x, n):\n    y = {value}\n    torch.einsum('...->...', y)\n")
    assert file.unit_places(call, 0) == (front, back)


def test_the_equation_s_rank_shows_where_the_axes_of_size_one_are() -> None:
    body = "def f(x, y):\n    torch.einsum('bhqd,bkd->bhqk', x.unsqueeze(1), y)\n"
    file, call = read(body)
    axes = file.unit_axes(call, 0, 4)
    assert axes is not None
    assert [axis.size for axis in axes] == [None, 1, None, None]
    assert axes[1].text.endswith("at line 5")
    assert file.unit_axes(call, 1, 3) is None


def test_terms_are_walked_once_however_often_they_are_used() -> None:
    rows = "    x = x + x\n" * 3_000
    started = time.process_time()
    file, call = read(f"def f(x):\n{rows}    torch.einsum('ij->ji', x)\n")
    assert len(file.shapes().known) == 2
    (visit,) = file.terms_of(call)
    assert len(list(bottom_up(visit.terms))) <= 202
    assert time.process_time() - started < 5


def test_what_is_computed_in_too_many_steps_is_opaque() -> None:
    rows = "    x = x + 1\n" * 250
    term = operand(f"def f(x):\n{rows}    torch.einsum('ij->ji', x)\n")
    below = list(bottom_up((term,)))
    assert sum(each.operator == OPAQUE for each in below) == 1


def test_a_layer_called_with_what_is_computed_in_too_many_steps_returns_anything() -> None:
    rows = "    x = torch.einsum('ij,jk->ik', layer(x), w)\n" * 150
    file, call = read(f"def f(x, w):\n    layer = nn.Linear(4, 4)\n{rows}")
    assert file.unit_axes(call, 0, 2) is None


def test_a_layer_called_with_nothing_returns_anything() -> None:
    file, call = read("layer = nn.Linear(4, 4)\ntorch.einsum('ij,jk->ik', layer(), w)\n")
    assert file.unit_axes(call, 0, 2) is None
    assert file.permutations(call, (2, 2)) == (((),), ((),))


@pytest.mark.parametrize(
    "made",
    ["torch.bmm(x, w, out=y)", "torch.matmul(x, w, out=y)", "x[()]", "x[()][0]", "torch.relu()"],
)
def test_what_is_written_otherwise_is_read(made: str) -> None:
    file, call = read(f"def f(x, w, y):\n    torch.einsum('ij->ji', {made})\n")
    assert call.args[1] not in {each for each, shape in file.shapes().known.items() if shape}


def test_an_empty_sublist_is_no_list_of_operands() -> None:
    file, call = read("torch.einsum(x, [])\n")
    assert file.unit_axes(call, 0, 0) is None


def test_an_operator_is_one_line_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "x = F.hardtanh(torch.ones(2, 3))\ntorch.einsum('ij->ji', x)\n"

    def sizes() -> list[object] | None:
        file, call = read(body)
        shape = file.shapes().known[call.args[1]]
        return None if shape is None else [axis.size for axis in shape]

    assert sizes() is None
    monkeypatch.setitem(OPERATORS, "hardtanh", SAME)
    assert sizes() == [2, 3]
