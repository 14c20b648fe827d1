"""Attention whose call would compute other values, as running both texts showed."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, function, written

CLASS = f"""{HEAD}
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = 0.5
        self.drop = nn.Dropout(0.1)

    def change(self):
        self.scale = 3.0
        return 1.0

    def attend(self, q, k, v):
        s = q @ k.mT * self.scale
        x = 1.0
        return self.drop(s.softmax(-1)) @ v * x
"""
UNKNOWN = "a mask of unknown meaning: what it fills in may be no large negative number"
LOW = "s = torch.where(m, {}, s); s.softmax(-1) @ v"


@pytest.mark.parametrize(
    "low",
    [
        # only a part of what is filled in is low
        "torch.zeros_like(s).masked_fill(b, -1e9)",
        "(-1e9 * torch.ones_like(s)).masked_fill(b, 0.0)",
    ],
)
def test_a_filled_value_is_low_everywhere(low: str) -> None:
    assert written("s = q @ k.mT; " + LOW.format(low)) == UNKNOWN


@pytest.mark.parametrize(
    ("steps", "is_low"),
    [
        ("s.masked_fill(m, -1e9) * 1e-9", False),
        ("s.masked_fill(m, -1000.0) / 100", False),
        ("s.masked_fill(m, -math.inf) * 1e-9", True),
        ("s.masked_fill(m, -1e9) / 8", True),
    ],
)
def test_a_filled_value_is_low_behind_the_scale(steps: str, is_low: bool) -> None:
    said = written(f"s = q @ k.mT; s = {steps}; s.softmax(-1) @ v")
    assert (said != UNKNOWN) is is_low


@pytest.mark.parametrize(
    ("maximum", "is_same"),
    [
        ("s.amax(-1, keepdim=True)", True),
        ("s.max(dim=-1, keepdim=True)[0]", True),
        ("s.max()", True),
        ("s.amax(-2, keepdim=True)", False),
        ("s.amax(axis=-2, keepdim=True)", False),
        ("s.max(dim=-2, keepdim=True)[0]", False),
        ("s.amax(0)", False),
    ],
)
def test_the_maximum_of_a_column_is_no_number_of_its_row(maximum: str, is_same: bool) -> None:
    said = written(f"s = q @ k.mT; s = s - {maximum}; s.softmax(-1) @ v")
    assert said.startswith("F.scaled") is is_same


@pytest.mark.parametrize(
    ("parameters", "is_number"),
    [("q, k, v, scale", False), ("q, k, v, scale=0.3", True), ("q, k, v, *, scale=1", True)],
)
def test_a_scale_of_heads_has_no_place_beside_scores_whose_heads_are_last(
    parameters: str, is_number: bool
) -> None:
    body = (
        "s = torch.einsum('bqhd,bkhd->bqkh', q, k) * scale; "
        "torch.einsum('bqkh,bkhd->bqhd', s.softmax(-2), v)"
    )
    (found,) = attentions(function(body, parameters))
    said = ("the scores are multiplied by what may be a mask",)
    assert found.obstacles == (() if is_number else said)


@pytest.mark.parametrize(
    "head", ["def mm(a, b):\n    return 2 * a @ b", "mm = lambda a, b: 2 * a @ b"]
)
def test_a_function_of_the_file_that_is_called_mm_is_no_product(head: str) -> None:
    text = function("s = mm(q, k.mT); mm(s.softmax(-1), v)", "q, k, v")
    assert not attentions(text.replace("def attend", f"{head}\n\n\ndef attend"))


def test_a_star_import_of_torch_binds_float() -> None:
    body = function("s = (q @ k.mT).masked_fill(m, -1e9) + b; s.softmax(-1) @ v")
    for head, low in (("from torch import *\n", "-torch.inf"), ("", 'float("-inf")')):
        (found,) = attentions(head + body)
        replacement = found.replacement()
        assert replacement is not None
        assert f"attn_mask=torch.where(~m, b, {low})" in replacement.text
        assert replacement.edits


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        ("g = x.mm(w_gate).softmax(-1); g.mm(v)", False),
        ("g = (x @ W).softmax(-1); g @ v", False),
        ("g = torch.mm(x, v.t()).softmax(-1); torch.mm(g, experts)", False),
        ("g = torch.mm(x, k.t()).softmax(-1); torch.mm(g, v)", True),
    ],
)
def test_gates_whose_matrices_are_named_are_silent(lines: str, is_one: bool) -> None:
    assert bool(attentions(function(lines, "x, w_gate, experts, W, k, v"))) is is_one


@pytest.mark.parametrize("call", ["locals()", "eval('w')", "vars()"])
def test_what_reads_names_that_are_not_written(call: str) -> None:
    said = written(f"s = q @ k.mT; w = s.softmax(-1); o = w @ v; (o, {call})")
    assert said == "what is called may read names that would not be bound"


def test_a_global_name_may_be_bound_anew_between_the_products() -> None:
    text = function("s = q @ k.mT * SCALE; x = raised(); s.softmax(-1) @ v * x")
    raised = "SCALE = 1.0\n\n\ndef raised():\n    global SCALE\n    SCALE = 2\n    return 1\n\n\n"
    (found,) = attentions(text.replace("def attend", raised + "def attend"))
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.obstacle == "a name stands for something else at the second product"


def test_a_container_that_loses_a_value_between_the_products() -> None:
    said = written("x = dict(q=q); s = x['q'] @ k.mT; z = x.pop('q'); s.softmax(-1) @ v")
    assert said == "something is changed between the two products"


def test_a_method_that_changes_the_scale_between_the_products() -> None:
    (found,) = attentions(CLASS.replace("x = 1.0", "x = self.change()"))
    assert found.obstacles == ("`change` may change what is read between the two products",)
    assert not attentions(CLASS)[0].obstacles


def test_a_dropout_that_other_code_replaces_is_not_seen_made() -> None:
    (found,) = attentions(f"{CLASS}\n\nmodel = Attention()\nmodel.drop = nn.Identity()\n")
    assert found.obstacles == ("`self.drop` is not seen to be a dropout",)


@pytest.mark.parametrize(
    ("body", "obstacle"),
    [
        (
            "s = (q.float() @ k.float().mT).to(v.dtype); s.softmax(-1) @ v",
            "query and key are cast to float32, and the values are not",
        ),
        (
            "s = (q @ k.mT).float(); s.softmax(-1) @ v.float()",
            "the values are cast to float32, and query and key are not",
        ),
    ],
)
def test_operands_of_two_dtypes(body: str, obstacle: str) -> None:
    assert written(body) == obstacle


@pytest.mark.parametrize(
    ("product", "is_random"),
    [("F.dropout(q, 0.5) @ k.mT", True), ("q @ torch.randn_like(k).mT", True), ("q @ k.mT", False)],
)
def test_an_operand_that_moves_may_draw_other_random_numbers(product: str, is_random: bool) -> None:
    (found,) = attentions(function(f"s = {product}; s.softmax(-1) @ v"))
    assert found.moves_random_numbers is is_random


@pytest.mark.parametrize(
    ("head", "body", "low", "is_low"),
    [
        ("", "self.low = -1e9", "self.low", True),
        ("", "self.low = -np.inf", "self.low", True),
        ("", "self.low = float('-inf')", "self.low", True),
        ("", "self.low = -1e-9", "self.low", False),
        ("", "self.low = -1e9 if p else 0.0", "self.low", False),
        ("", "self.low = -1e9\n        self.low = p", "self.low", False),
        ("def change(model):\n    model.low = 0.0\n", "self.low = -1e9", "self.low", False),
        ("from consts import NEG_INF\n", "pass", "NEG_INF", True),
        ("from consts import MIN_MASKED_VALUE\n", "pass", "MIN_MASKED_VALUE", True),
        ("from consts import MIN_LENGTH\n", "pass", "MIN_LENGTH", False),
        ("", "pass", "self.LOW", True),
    ],
)
def test_a_low_number_with_a_name(head: str, body: str, low: str, is_low: bool) -> None:
    text = f"""{HEAD}{head}
class Attention(nn.Module):
    LOW = -1e9
    def __init__(self, p=0.1):
        super().__init__()
        {body}
    def forward(self, q, k, v, m):
        s = (q @ k.mT).masked_fill(m, {low})
        return s.softmax(-1) @ v
"""
    (found,) = attentions(text)
    assert found.obstacles == (() if is_low else (UNKNOWN,))


@pytest.mark.parametrize(
    ("body", "heir"),
    [
        ("low = -1e9\n    low = 0.5", ""),
        ("low = -1e9\n    if torch:\n        low = 0.5", ""),
        ("low = -1e9", "low = 0.5"),
        ("low = -1e9", "low: float = 0.5"),
        (
            "def __init__(self):\n        self.low = -1e9",
            "def __init__(self):\n        self.low = x",
        ),
    ],
)
def test_a_low_number_that_a_class_gives_another_value(body: str, heir: str) -> None:
    text = f"""{HEAD}
class Attention(nn.Module):
    {body}
    def forward(self, q, k, v, m):
        s = (q @ k.mT).masked_fill(m, self.low)
        return s.softmax(-1) @ v

class Heir(Attention):
    {heir or "pass"}
"""
    (found,) = attentions(text)
    assert found.obstacles == (UNKNOWN,)
