"""The pair runs the very text that a fix writes, with names where the operands were."""

import pytest

from einlint.diagnostics import Edit, Fix
from einlint.linting.engine import check, read
from einlint.linting.pairing import Pair, UnpairableError, pair_of
from einlint.settings import Settings
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

EVERYTHING = Settings(select=("ALL",))
PARTIAL = """import torch
from functools import partial
product = partial(torch.einsum, "i,j->ij")"""


def source_of(expression: str, header: str = "import torch") -> SourceFile:
    source = read("module.py", f"{header}\n\nx = {expression}\n".encode(), EVERYTHING)
    assert isinstance(source, SourceFile)
    return source


def site_of(source: SourceFile) -> CallSite:
    return parse_file(source).facts(CallSite)[0]


def own_pair(expression: str, header: str = "import torch", code: str = "EIN1") -> Pair:
    """The first call with the fix that einlint itself writes."""
    source = source_of(expression, header)
    site = site_of(source)
    (fix,) = (
        each.fix
        for each in check(source, EVERYTHING).diagnostics
        if each.start == site.start and each.fix and each.code.startswith(code)
    )
    return pair_of(site, fix)


def pair_with(expression: str, content: str) -> Pair:
    """The first call with a replacement that somebody else wrote."""
    site = site_of(source_of(expression))
    start, end = site.span.start, site.span.end
    return pair_of(site, Fix("", (Edit(start, end, content),)))


@pytest.mark.parametrize(
    ("expression", "original", "reading"),
    [
        (
            'torch.einsum("ij,kj->ik", f(x), self.w[0])',
            "torch.einsum('ij,kj->ik', a, b)",
            "a @ b.T",
        ),
        (
            'torch.einsum("oi,bi->bo", self.w, x)',
            "torch.einsum('oi,bi->bo', a, b)",
            "b @ a.T",
        ),
        (
            'torch.einsum("ij,jk->ik", [x + 1, -y])',
            "torch.einsum('ij,jk->ik', [a, b])",
            "a @ b",
        ),
        (
            "torch.einsum(x, [0, 1], y, [1, 2], [0, 2])",
            "torch.einsum(a, [0, 1], b, [1, 2], [0, 2])",
            "a @ b",
        ),
        (
            'torch.einsum("ij,jk->ik", x, x.sum(0))',
            "torch.einsum('ij,jk->ik', a, b)",
            "a @ b",
        ),
        (
            'torch.einsum("ij,jk->ik", torch.einsum("ab->ba", x), y)',
            "torch.einsum('ij,jk->ik', a, b)",
            "a @ b",
        ),
        (
            'torch.einsum("ij,jk->ik", b, a)',
            "torch.einsum('ij,jk->ik', a, b)",
            "a @ b",
        ),
        (
            'torch.einsum("i,j->ij", x, y)',
            "torch.einsum('i,j->ij', a, b)",
            "torch.outer(a, b)",
        ),
        (
            'torch.einsum("ij,jk->ik",\n  x  # a comment\n  .t(), y)',
            "torch.einsum('ij,jk->ik', a, b)",
            "a @ b",
        ),
    ],
)
def test_operands_become_names(expression: str, original: str, reading: str) -> None:
    pair = own_pair(expression)
    assert (pair.original, pair.readings) == (original, (reading,))


def test_an_unpacked_argument_of_a_view_is_no_operand() -> None:
    header = "import torch\nfrom einops import rearrange"
    pair = own_pair('torch.einsum("ij,jk->ik", x, rearrange(*y, "k j -> j k"))', header)
    assert pair.original == "torch.einsum('ij,jk->ik', a, b)"
    assert pair.readings == ("a @ b",)


@pytest.mark.parametrize(
    ("header", "expression"),
    [
        ("import torch as th", 'th.einsum("i,j->ij", x, y)'),
        ("import torch\nfrom torch import einsum as e", 'e("i,j->ij", x, y)'),
        ("import torch\nEQUATION = 'i,j->ij'", "torch.einsum(EQUATION, x, y)"),
        ("import torch\nclass A: E = 'i,j->ij'", "torch.einsum(A.E, x, y)"),
        ("import torch", "torch.einsum('i,j->ij' if c else 'a,b->ab', x, y)"),
        (PARTIAL, "product(x, y)"),
        (PARTIAL, "product(product(x, y)[0], y)"),
    ],
)
def test_names_of_the_source_mean_what_they_mean_there(header: str, expression: str) -> None:
    pair = own_pair(expression, header)
    assert pair.original == "torch.einsum('i,j->ij', a, b)"
    assert pair.readings == ("torch.outer(a, b)",)


def test_an_explicit_output_is_a_fix_too() -> None:
    pair = own_pair('torch.einsum("ij,jk", x, y)', code="EIN006")
    assert pair.original == "torch.einsum('ij,jk', a, b)"
    assert pair.readings == ("torch.einsum('ij,jk->ik', a, b)",)


def test_operands_of_one_text_have_one_reading_for_each_order() -> None:
    pair = own_pair('torch.einsum("ij,kj->ik", x, x)')
    assert pair.readings == ("a @ b.T", "b @ a.T")


@pytest.mark.parametrize(
    ("expression", "reading"),
    [
        (
            'torch.einsum("bqhd,bkhd->bhqk", x, y.transpose(1, 2))',
            "a.transpose(1, 2) @ b.transpose(1, 2).transpose(-2, -1)",
        ),
        ('torch.einsum("ij,kj->ik", x, y.permute(1, 0))', "a @ b.permute(1, 0)"),
        (
            'torch.einsum("bi,bj->bij", x.squeeze(-1), y)',
            "a.unsqueeze(-1) * b.unsqueeze(1)",
        ),
        (
            'torch.einsum("ij,kj->ik", x, x.transpose(0, 1))',
            "a @ b.transpose(0, 1)",
        ),
        (
            'torch.einsum("ij,kj->ki", x, x.transpose(0, 1))',
            "(a @ b.transpose(0, 1)).T",
        ),
    ],
)
def test_a_view_that_the_fix_leaves_out_is_undone_in_the_reading(
    expression: str, reading: str
) -> None:
    assert reading in own_pair(expression).readings


def test_a_name_that_the_fix_brings_in_is_nobodys() -> None:
    """Names of operands in the source may be those of other operands in the pair."""
    pair = pair_with('torch.einsum("ij,jk->ik", b, a)', "b @ b")
    assert pair.readings == ("a @ unbound_b",)


def test_missing_parentheses_are_seen() -> None:
    pair = pair_with('torch.einsum("ij,jk->ik", x + y, z)', "x + y @ z")
    assert pair.readings == ("unbound_x + unbound_y @ b",)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('torch.einsum("ij,jk->ik", *operands)', "unpacked"),
        ("torch.einsum(equation, x, y)", "not literal"),
    ],
)
def test_what_cannot_be_run_says_why(expression: str, reason: str) -> None:
    with pytest.raises(UnpairableError, match=reason):
        pair_with(expression, "x @ y")


def test_a_fix_without_edits_cannot_be_run() -> None:
    with pytest.raises(UnpairableError, match="shown"):
        pair_of(site_of(source_of('torch.einsum("ij,jk->ik", x, y)')), Fix("", ()))


def test_a_view_of_what_is_unpacked_is_no_internal_error() -> None:
    call = 'torch.einsum("ij,jk->ik", a, rearrange(*b, "k j -> j k"))'
    pair = own_pair(call, "import torch\nfrom einops import rearrange")
    assert pair.original == "torch.einsum('ij,jk->ik', a, b)"
    assert pair.readings == ("a @ b",)


def test_operands_of_one_text_and_with_one_index_have_one_order() -> None:
    """There were as many as the factorial of their number: 39,916,800 for eleven."""
    operands = ", ".join(["x"] * 11)
    call = f'torch.einsum("{",".join(["i"] * 11)}->i", {operands})'
    pair = pair_with(call, f"({operands.replace(',', ' *')})")
    assert pair.readings == (" * ".join("abcdefghijk"),)


def test_operands_of_one_text_with_other_indices_have_as_many_orders_as_indices() -> None:
    pair = pair_with('torch.einsum("i,j,i->ij", x, x, x)', "x[:, None] * x * x")
    assert pair.readings == (
        "a[:, None] * b * c",
        "a[:, None] * c * b",
        "b[:, None] * a * c",
    )


@pytest.mark.parametrize(
    ("equation", "count", "reason"),
    [
        ("ab,bc,cd,de,ef,fg,gh->ah", 7, "too many orders"),
        (f"{','.join(['i'] * 60)}->i", 60, "more than 52 operands"),
    ],
)
def test_what_may_be_meant_in_too_many_ways_is_not_verified(
    equation: str, count: int, reason: str
) -> None:
    """Of some of the ways alone it could be said to be wrong."""
    operands = ["x"] * count
    call = f'torch.einsum("{equation}", {", ".join(operands)})'
    with pytest.raises(UnpairableError, match=reason):
        pair_with(call, f"({' @ '.join(operands)})")
