"""What is simple to read: what a fix writes, beside what the operand's own text had before."""

import pytest

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, read
from einlint.rewriting.assumptions import MEANINGS
from einlint.settings import Settings
from einlint.source.file import SourceFile

EVERYTHING = Settings(select=("ALL",), assume=tuple(set(MEANINGS) - {"pure-operands"}))


@pytest.mark.parametrize(
    ("equation", "operands", "written", "expected"),
    [
        ("ij,jk->ik", "a, b", "a @ b", True),
        ("ij,kj->ik", "a, b", "a @ b.T", True),
        ("bhqd,bhkd->bhqk", "a, b", "a @ b.transpose(-2, -1)", True),
        ("i,j->ij", "a, b", "torch.outer(a, b)", True),
        ("ij,ij->ij", "a, b", "a * b", True),
        ("ijk->i", "a", "a.sum((1, 2))", True),
        ("ijk->kji", "a", "a.transpose(0, 2)", True),
        ("ii->i", "a", "a.diagonal()", True),
        ("ii->", "a", "a.diagonal().sum()", False),
        ("ij->j", "a", "a.sum(0)", True),
        ("ijk->kj", "a", "a.transpose(0, 2).sum(-1)", False),
        ("bi,bj->bij", "a, b", "a.unsqueeze(-1) * b.unsqueeze(1)", False),
        ("bqhd,bhkd->bhqk", "a, b", "a.transpose(1, 2) @ b.transpose(-2, -1)", False),
        ("ij,kj->ki", "f(a), b", "(f(a) @ b.T).T", False),
        # The operand's own view stays, and nothing is added.
        ("bhqd,bhdk->bhqk", "a.transpose(1, 2), b", "a.transpose(1, 2) @ b", True),
        (
            "bhqd,bhkd->bhqk",
            "a.transpose(1, 2), b",
            "a.transpose(1, 2) @ b.transpose(-2, -1)",
            True,
        ),
        # It stays, and one is added to it.
        (
            "bhqd,bhkd->bhqk",
            "a, b.transpose(1, 2)",
            "a @ b.transpose(1, 2).transpose(-2, -1)",
            False,
        ),
        ("ij,kj->ik", "a, b.T", "a @ b.T.T", False),
        ("ijk->kji", "a.transpose(1, 2)", "a.transpose(1, 2).transpose(0, 2)", False),
        # It is gone.
        ("ij,kj->ik", "a, b.transpose(0, 1)", "a @ b", True),
        ("bi,bj->bij", "a.squeeze(-1), b", "a * b.unsqueeze(1)", False),
        ("ijk->ki", "a.permute(2, 0, 1)", "a.sum(0)", True),
        # Another one is in its place.
        ("bhqd,bkhd->bhqk", "a, b.transpose(1, 2)", "a @ b.transpose(-2, -1)", True),
        ("bhqd,bkhd->bhqk", "a, b.permute(0, 3, 1, 2)", "a @ b", True),
        (
            "bhqk,bkhd->bhqd",
            "a, b.permute(0, 2, 3, 1)",
            "a @ b.permute(0, 2, 3, 1).transpose(1, 2)",
            False,
        ),
        ("ijk->jik", "a.permute(2, 1, 0)", "a.permute(2, 1, 0).transpose(0, 1)", False),
        ("ijk->jik", "a.permute(1, 2, 0)", "a.transpose(0, 2)", True),
    ],
)
def test_simple_is_what_has_no_more_views_to_follow(
    equation: str, operands: str, written: str, expected: bool
) -> None:
    source = read(
        "a.py", f'import torch\n\ntorch.einsum("{equation}", {operands})\n'.encode(), EVERYTHING
    )
    assert isinstance(source, SourceFile)
    (finding,) = check(source, EVERYTHING).diagnostics
    assert finding.fix is not None
    assert (finding.fix.message, finding.fix.is_simple) == (f"Replace with `{written}`", expected)


def test_a_fix_without_edits_is_not_simple() -> None:
    source = read("a.py", b'import torch\n\ntorch.einsum("ij,jk->ik", *operands)\n', EVERYTHING)
    assert isinstance(source, SourceFile)
    (finding,) = check(source, EVERYTHING).diagnostics
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.DISPLAY
    assert not finding.fix.is_simple
