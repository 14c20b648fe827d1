"""A note on compiling: on both products of attention in a measured form, and on nothing else."""

import pytest

from einlint import Settings, check_source
from einlint.rewriting.fused import CONDITIONS
from einlint.source.facts.attention import Attention
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

HEAD = "import math\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
SCORES, VALUES = '"bhqd,bhkd->bhqk", q, k', '"bhqk,bhkd->bhqd", w, v'


def function(body: str, parameters: str = "q, k, v, m, b, flag") -> str:
    """Attention: S stands for the scores, and the weights are `w`."""
    lines = [each.strip() for each in body.split(";")]
    lines[-1:] = [f"return {lines[-1]}"]
    text = f"{HEAD}def f({parameters}):\n" + "".join(f"    {each}\n" for each in lines)
    return text.replace("SCORES", f"torch.einsum({SCORES})").replace(
        "VALUES", f"torch.einsum({VALUES})"
    )


def notes(text: str, settings: Settings | None = None) -> list[str]:
    """What is said of compiling, once for each finding of a single call that says it."""
    found = check_source(text, settings=settings or Settings(select=("EIN1",))).diagnostics
    return [note for each in found for note in each.notes if "torch.compile" in note]


@pytest.mark.parametrize(
    "body",
    [
        "s = SCORES * 0.125; w = s.softmax(-1); VALUES",
        "w = (0.125 * SCORES).softmax(dim=-1); VALUES",
        "s = SCORES; s = s / math.sqrt(q.shape[-1]); w = torch.softmax(s, dim=3); VALUES",
        "s = SCORES; s *= q.size(-1) ** -0.5; w = F.softmax(s, -1); VALUES",
        "s = SCORES / 8 + m; w = s.softmax(-1); VALUES",
        "s = SCORES / 8; s += m; w = s.softmax(-1); VALUES",
        "s = SCORES / 8; s = s + m if flag else s; w = s.softmax(-1); VALUES",
        "s = SCORES * 0.5; w = F.softmax(s, dim=-1, dtype=torch.float32).to(v.dtype); VALUES",
        "s = SCORES * 0.5; w = s.float().softmax(-1).type_as(q); VALUES",
        "w = nn.Softmax(dim=-1)(SCORES * 0.5); w = F.dropout(w, 0.1, flag); VALUES",
        "w = nn.Dropout(0.1)((SCORES * 0.5).softmax(-1)); VALUES",
    ],
)
def test_both_products_say_what_is_gained(body: str) -> None:
    one, other = notes(function(body))
    assert one == other
    assert one.endswith(f"of the memory ({CONDITIONS})")
    assert "and its operands are contiguous" in one


@pytest.mark.parametrize(
    "body",
    [
        # forms that are not fused
        "w = SCORES.softmax(-1); VALUES",
        "q = q * 0.125; w = SCORES.softmax(-1); VALUES",
        "w = (SCORES * 0.125 + m).softmax(-1); VALUES",
        "w = (m + SCORES / 8).softmax(-1); VALUES",
        "w = (SCORES / 8).masked_fill(b, -1e9).softmax(-1); VALUES",
        "s = SCORES / 8; s.masked_fill_(b, -1e9); w = s.softmax(-1); VALUES",
        "w = torch.where(b, SCORES / 8, -1e9).softmax(-1); VALUES",
        "s = SCORES / 8; s = s - s.amax(-1, keepdim=True); w = s.softmax(-1); VALUES",
        "s = SCORES / 8; s = s.masked_fill(b, -1e9) if flag else s; w = s.softmax(-1); VALUES",
        "w = F.dropout((SCORES * 0.5).softmax(-1), 0.1); VALUES",
        "w = (SCORES.float() / 8).softmax(-1).to(q.dtype); VALUES",
        "w = (SCORES / 8).half().softmax(-1); VALUES",
        "w = torch.where(b, SCORES / 8).softmax(-1); VALUES",
        # a scale that may be a tensor
        "w = (SCORES * m).softmax(-1); VALUES",
        "w = (SCORES / torch.sqrt(m)).softmax(-1); VALUES",
        # no attention
        "w = (SCORES / 8).softmax(-2); VALUES",
        "w = (SCORES / 8).softmax(1); VALUES",
        "w = (SCORES / 8).sigmoid(); VALUES",
        "w = (SCORES / 8).softmax(-1).softmax(-1); VALUES",
        "w = (SCORES / 8).softmax(-1) * m; VALUES",
        "w = torch.tanh(SCORES / 8).softmax(-1); VALUES",
        'w = (SCORES / 8).softmax(-1); torch.einsum("bhkq,bhkd->bhqd", w, v)',
        "k = nn.Parameter(k); w = (SCORES / 8).softmax(-1); VALUES",
        # somebody else looks at what is between
        "w = (SCORES / 8).softmax(-1); VALUES, w",
        "s = SCORES; w = (s / 8).softmax(-1); flag.last = s; VALUES",
        "s = SCORES; print(s); w = (s / 8).softmax(-1); VALUES",
        "s = SCORES; assert s.isfinite().all(); w = (s / 8).softmax(-1); VALUES",
        # layouts that are not alike, or not known
        "k = k.contiguous(); w = (SCORES / 8).softmax(-1); VALUES",
        "q, k, v = m.unbind(0); w = (SCORES / 8).softmax(-1); VALUES",
        "q = q.transpose(1, 2); w = (SCORES / 8).softmax(-1); VALUES",
    ],
)
def test_nothing_is_said_of_other_forms_and_of_what_only_looks_alike(body: str) -> None:
    assert notes(function(body)) == []


MOVED = "; ".join(f"{each} = {each}.view(2, 9, 8, 64).transpose(1, 2)" for each in "qkv")


def test_heads_that_are_transposed_in_sight_need_no_condition() -> None:
    for note in notes(function(f"{MOVED}; w = (SCORES * 0.125).softmax(-1); VALUES")):
        assert "if both products are written with `@`, and not with einsum" in note
    assert len(notes(function(f"{MOVED}; w = (SCORES * 0.125).softmax(-1); VALUES"))) == 2


def test_what_is_computed_behind_the_transposition_is_not_measured() -> None:
    body = f"{MOVED}; q = F.normalize(q, dim=-1); w = (SCORES / 8).softmax(-1); VALUES"
    assert notes(function(body)) == []


def test_one_product_may_be_written_with_a_matrix_product_already() -> None:
    scores = f"{MOVED}; w = (q @ k.transpose(-2, -1) / 8).softmax(-1); VALUES"
    values = f"{MOVED}; w = (SCORES / 8).softmax(-1); w @ v"
    typed = "q: torch.Tensor, k: torch.Tensor, v: torch.Tensor"
    assert len(notes(function(scores, typed))) == len(notes(function(values, typed))) == 1
    turned = scores.replace("k.transpose(-2, -1)", "k.transpose(1, 2)")
    assert notes(function(turned, typed)) == []


def test_both_products_need_a_safe_fix() -> None:
    text = function("s = SCORES / 8; w = s.softmax(-1); VALUES")
    assert len(notes(text)) == 2
    assert notes(text, Settings(select=("EIN1",), assume=())) == []
    commented = text.replace('("bhqk,', '(  # weights\n        "bhqk,')
    assert notes(commented) == []


def test_the_settings_of_a_module_are_numbers_and_its_parameters_are_not() -> None:
    text = f"""{HEAD}
class Attention(nn.Module):
    def __init__(self, dim_head):
        super().__init__()
        self.scale = dim_head**-0.5
    def forward(self, q, k, v):
        w = (torch.einsum({SCORES}) * self.scale).softmax(-1)
        return torch.einsum({VALUES})
"""
    assert len(notes(text)) == 2
    assert notes(text.replace("dim_head**-0.5", "nn.Parameter(torch.ones(1))")) == []
    assert notes(text.replace("dim_head**-0.5", "dim_head")) == []


def test_nothing_is_said_in_a_file_with_autocast() -> None:
    text = function("w = (SCORES / 8).softmax(-1); VALUES")
    autocast = "    with torch.autocast('cpu'):\n        f(m, m, m, m, m, m)\n"
    assert notes(f"{text}def g(m):\n{autocast}") == []


def test_what_a_loop_keeps_for_later_is_used() -> None:
    loop = f"""{HEAD}
def f(q, k, v, m):
    for _ in range(3):
        w = (torch.einsum({SCORES}) / 8).softmax(-1)
        out = torch.einsum({VALUES})
    return out, w
"""
    assert notes(loop) == []


def test_the_fact_names_both_calls_and_the_form() -> None:
    text = function("w = F.dropout((SCORES / 8 + m).softmax(-1), 0.1, flag); VALUES")
    (attention,) = parse_file(SourceFile("a.py", text)).facts(Attention)
    assert attention.scores is not None
    assert attention.values is not None
    assert attention.scores.start < attention.values.start
    assert attention.start == attention.scores.start
    assert attention.end == attention.scores.end
    assert attention.description.api == "torch.einsum"
    (form,) = attention.forms
    assert [each.value for each in form] == ["/ number", "+ mask", "softmax", "dropout"]


def test_a_nested_product_is_the_scores_too() -> None:
    body = f'torch.einsum("bhqk,bhkd->bhqd", (torch.einsum({SCORES}) / 8).softmax(-1), v)'
    (attention,) = parse_file(SourceFile("a.py", function(body))).facts(Attention)
    assert attention.scores is not None
    assert attention.values is not None
    assert attention.values.start < attention.scores.start
    assert len(notes(function(body))) == 2


def test_branches_behind_branches_take_no_time() -> None:
    branches = "; ".join(f"s = s + m if flag.a{each} else s" for each in range(40))
    text = function(f"s = SCORES / 8; {branches}; w = s.softmax(-1); VALUES")
    assert notes(text) == []


def test_the_finding_of_a_whole_attention_says_it_once_and_speaks_for_both_products() -> None:
    text = function("s = SCORES / 8; w = s.softmax(-1); VALUES")
    (found,) = check_source(text, settings=Settings(select=("EIN1", "EIN2"))).diagnostics
    assert found.code == "EIN202"
    assert [note for note in found.notes if "torch.compile" in note] == notes(text)[:1]
