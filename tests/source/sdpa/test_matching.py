"""What attention is found, whatever it is spelled with and stored in."""

import pytest

from einlint.source.terms import DEEPEST
from tests.source.sdpa.functions import HEAD, attentions, function

BEHIND = "(s.softmax(-1)) @ v"


def in_module(*lines: str, head: str = HEAD) -> str:
    """A method of a module with these statements."""
    body = "".join(f"        {each}\n" for each in lines)
    return f"{head}\nclass A(nn.Module):\n    def forward(self, q, k, v, n, flag):\n{body}"


@pytest.mark.parametrize(
    "pattern",
    ["b i d, b j d -> b i j", "... i d,... j d->... i j", "b query d, b key d -> b query key"],
)
def test_the_equations_of_einops(pattern: str) -> None:
    head = f"from einops import einsum\n{HEAD}"
    (found,) = attentions(
        in_module(f"s = einsum(q, k, '{pattern}')", f"return {BEHIND}", head=head)
    )
    assert not found.obstacles


@pytest.mark.parametrize(
    "call",
    [
        "einsum(q, k, 'b (h i) d, b j d -> b i j')",
        "einsum(q, k, 'b i d, b j d')",
        "einsum(q, k, 'b i d -> b i d')",
        "einsum(q, k, 'b i 1, b j d -> b i j')",
        "einsum(q, k, 'b i d, b j d -> b i x')",
        "einsum(q, k, n)",
        "einsum(q, k, pattern='b i d, b j d -> b i j')",
    ],
)
def test_what_is_no_equation_of_einops_that_is_known(call: str) -> None:
    head = f"from einops import einsum\n{HEAD}"
    assert not attentions(in_module(f"s = {call}", f"return {BEHIND}", head=head))


@pytest.mark.parametrize(
    "names",
    ["from opt_einsum import contract as einsum", "from torch import einsum\nfrom a import *"],
)
def test_an_einsum_that_is_no_call_of_torch_for_sure(names: str) -> None:
    lines = "s = einsum('bihd,bjhd->bhij', q, k)", "w = s.softmax(-1)"
    text = in_module(*lines, "return einsum('bhij,bjhd->bihd', w, v)", head=f"{HEAD}{names}\n")
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.edits


@pytest.mark.parametrize("call", ["torch.mm(q, k.t())", "q.mm(k.t())"])
def test_products_of_two_matrices(call: str) -> None:
    (found,) = attentions(in_module(f"s = {call}", "return torch.mm(s.softmax(1), v)"))
    assert not found.obstacles


def test_a_star_import_of_another_module_hides_no_softmax() -> None:
    head = f"{HEAD}from .layers import *\n"
    lines = ("s = q @ k.mT", "w = F.dropout(nn.Softmax(-1)(s), 0.1, self.training)", "return w @ v")
    (found,) = attentions(in_module(*lines, head=head))
    replacement = found.replacement()
    assert replacement is not None
    # Which function the name F stands for is not sure; torch is always the same module.
    assert replacement.text.startswith("torch.nn.functional.scaled_dot_product_attention(")


def test_keys_and_values_of_earlier_calls_are_no_codebook() -> None:
    lines = [
        "self.cache_k[:, :n] = k",
        "self.cache_v[:, :n] = v",
        "s = q @ self.cache_k[:, :n].transpose(-2, -1)",
    ]
    (found,) = attentions(in_module(*lines, "return s.softmax(-1) @ self.cache_v[:, :n]"))
    assert not found.obstacles
    codes = "return (q @ self.codes.t()).softmax(-1) @ self.codes"
    assert not attentions(in_module(codes))


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_branches_the_one_with_attention_is_found(turned: bool) -> None:
    sides = ["    w = s.softmax(-2)", "    w = s.softmax(-1)"]
    first, second = reversed(sides) if turned else sides
    lines = ["s = q @ k.mT", "if flag:", first, "else:", second, "return w @ v"]
    (found,) = attentions(in_module(*lines))
    assert "another branch computes the weights otherwise" in found.obstacles


def test_of_two_branches_both_softmaxes_over_queries_are_none() -> None:
    lines = ["s = q @ k.mT", "w = s.softmax(-2) if flag else s.mul(2).softmax(-2)", "return w @ v"]
    assert not attentions(in_module(*lines))


def test_the_real_part_of_the_scores() -> None:
    (found,) = attentions(in_module("s = (q @ k.mT).real", f"return {BEHIND}"))
    assert found.obstacles == ("`real` changes the scores",)


@pytest.mark.parametrize(
    "mask", ["n == 0", "n.bool()[:, None]", "~torch.ones(3, 3, dtype=torch.bool)"]
)
def test_a_boolean_mask_that_is_added_masks_nothing(mask: str) -> None:
    (found,) = attentions(in_module(f"s = q @ k.mT + ({mask})", f"return {BEHIND}"))
    assert found.obstacles == ("a boolean mask is added to the scores",)


def test_what_is_unpacked_behind_a_star_is_computed_from_the_whole() -> None:
    start = ["w = (q @ k.mT).softmax(-1)"]
    (found,) = attentions(in_module(*start, "out, *_ = flag(w @ v)", "return out"))
    assert not found.obstacles
    (found,) = attentions(in_module(*start, "out, *rest = w @ v, w", "return out, rest"))
    assert found.obstacles == ("the weights are used again",)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (("w = torch.mm(q, k.t()).softmax(-1)", "return w.mm(k)"), 0),
        (("w = torch.einsum('id,jd->ij', q, k).softmax(1)", "return torch.mm(w, k)"), 0),
        (("w = torch.mm(q, q.t()).softmax(-1)", "return w.mm(q)"), 1),
        (("w = torch.mm(q, k.t()).softmax(-1)", "return w.mm(v)"), 1),
        (("w = torch.bmm(q, k.mT).softmax(-1)", "return w.bmm(k)"), 1),
    ],
)
def test_a_matrix_to_whose_rows_others_are_assigned_is_a_table(
    lines: tuple[str, ...], count: int
) -> None:
    assert len(attentions(in_module(*lines))) == count


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("return w @ k, w", 1),
        ("return w @ v", 1),
        ("return w.t() @ q", 0),  # the rows of the keys, weighted by queries
        ("return (w * v).sum()", 0),
        ("return w @ self.codes", 0),
    ],
)
def test_scores_with_a_transposed_matrix_and_their_second_axis(line: str, count: int) -> None:
    for axis in (-1, 1):
        for pair in ("0, 1", "1, 0"):
            start = f"w = F.softmax(torch.matmul(q, k.transpose({pair})), dim={axis})"
            found = attentions(in_module(start, line))
            assert len(found) == count
            # A query with more axes makes it a gate.
            assert axis == -1 or all(found.obstacles for found in found)


@pytest.mark.parametrize("key", ["k.transpose(1, 2)", "k.mT"])
def test_the_second_axis_of_other_scores_is_not_taken_for_the_last(key: str) -> None:
    assert not attentions(in_module(f"w = torch.bmm(q, {key}).softmax(1)", "return w.bmm(v)"))
    (found,) = attentions(in_module(f"w = (q @ {key}).softmax(1)", "return w @ v"))
    assert found.obstacles == ("which axis the softmax is taken over is not known",)


def test_a_statement_of_a_value_that_is_too_deep() -> None:
    deep = "x = x * 2; print(x); " * DEEPEST
    (found,) = attentions(function(f"x = v; {deep} (q @ k.mT).softmax(-1) @ v"))
    assert not found.obstacles
