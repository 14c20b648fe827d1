"""Every spelling of an equation computes it, and the known ones are among them."""

import pytest

from einlint.algebra.equation import parse
from einlint.verify.candidates import Candidate, candidates_of, other_candidates
from tests.conftest import ROOT

torch = pytest.importorskip("torch")

# Every so many lines of the table of all small equations: a prime, so that all kinds are met.
STEP = 101
# Beyond the table: three operands, more axes, an ellipsis, sums and diagonals in a product.
MORE = (
    *("ij,jk,kl->il", "ijk,jl,kl->il", "a,b,c->abc", "ij,j,jk->ik", "bi,bj,bk->bijk"),
    *("bhqd,bhkd->bhqk", "bqhd,bkhd->bhqk", "bqhd,bkhd->bqhk", "bsij,ijk->bsk", "bhwij,ij->bhw"),
    *("abij,abjk->abik", "baij,abjk->kiab", "abcij,bacjk->ckiab", "abcde->edcba", "abcde->ac"),
    *("...ij,...jk->...ik", "...i,i->...", "...i,ij->...j", "ij,jk->i", "ii,i->", "iij,jk->ki"),
    *("ij,jk->", "iji,jkk->k", "ii,jj->ij", "iij,jk,kll->il"),
)


def texts(equation: str) -> list[str]:
    return [each.text for each in candidates_of(parse(equation))]


def equations() -> list[str]:
    lines = (ROOT / "fixtures" / "equations.tsv").read_text().splitlines()[1:]
    return [*(line.partition("\t")[0] for line in lines[::STEP]), *MORE]


def test_every_candidate_computes_its_equation() -> None:
    """In sizes that are all different, so that no mixed-up axis goes unseen."""
    ran = 0
    for text in equations():
        equation = parse(text)
        sizes = dict(zip(equation.labels, range(2, 20), strict=False))
        operands = [
            torch.randint(-3, 4, [sizes[label] for label in term]).double()
            for term in equation.inputs
        ]
        wanted = torch.einsum(text, *operands)
        names = {"torch": torch, **dict(zip("abc", operands, strict=False))}
        for candidate in candidates_of(equation):
            given = eval(candidate.text, names)
            assert given.shape == wanted.shape, (text, candidate.text)
            assert torch.equal(given, wanted), (text, candidate.text)
            ran += 1
    assert ran > 1000


@pytest.mark.parametrize("text", [*equations()[::40], *MORE])
def test_no_spelling_comes_twice_and_none_is_missing(text: str) -> None:
    """Every call but one that returns its operand has another spelling."""
    found = texts(text)
    assert len(set(found)) == len(found)
    assert found or parse(text).inputs == (parse(text).output,)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("i,i->", ["a @ b", "torch.dot(a, b)", "torch.tensordot(a, b, dims=1)", "(a * b).sum()"]),
        ("ij,j->i", ["a @ b", "torch.mv(a, b)", "(a * b).sum(-1)"]),
        ("ik,kj->ij", ["a @ b", "torch.mm(a, b)", "torch.nn.functional.linear(a, b.T)"]),
        ("ik,jk->ij", ["torch.nn.functional.linear(a, b)", "torch.mm(a, b.T)"]),
        ("bsi,ji->bsj", ["torch.nn.functional.linear(a, b)", "a @ b.transpose(-2, -1)"]),
        ("bij,bjk->bik", ["torch.bmm(a, b)", "a @ b"]),
        ("i,j->ij", ["torch.outer(a, b)", "a.unsqueeze(-1) * b"]),
        ("ij,jk,kl->il", ["(a @ b) @ c", "a @ (b @ c)"]),
        ("ij,jk->i", ["torch.mv(a, b.sum(-1))"]),
        ("ii,i->", ["torch.dot(a.diagonal(), b)"]),
        ("bsij,ijk->bsk", ["torch.tensordot(a, b, dims=2)", "a.flatten(2) @ b.flatten(0, 1)"]),
        (
            "bhqd,bhkd->bhqk",
            [
                "a @ b.transpose(-2, -1)",
                "(a.unsqueeze(3) * b.unsqueeze(2)).sum(-1)",
                "torch.bmm(a.flatten(0, 1), b.transpose(-2, -1).flatten(0, 1))"
                ".unflatten(0, a.shape[:2])",
            ],
        ),
    ],
)
def test_what_people_would_try_is_there(equation: str, expected: list[str]) -> None:
    found = texts(equation)
    assert [each for each in expected if each not in found] == []


def test_functions_are_offered_only_for_their_ranks() -> None:
    functions = ("torch.mm(", "torch.mv(", "torch.dot(", "torch.bmm(")
    shown = [text for text in texts("...ij,...jk->...ik") if text.startswith(functions)]
    assert shown == []
    assert not any("torch.mm(" in text for text in texts("bsi,ij->bsj"))


def test_a_text_that_is_known_is_left_out_however_it_is_written() -> None:
    """A fix may have further parentheses and other quotes than a plan."""
    equation = parse("ik,kj->ij")
    left = [each.text for each in other_candidates(equation, ["(a) @ b", "torch.mm( a,b )"])]
    assert left == [text for text in texts("ik,kj->ij") if text not in ("a @ b", "torch.mm(a, b)")]


def test_a_huge_tensor_on_the_way_is_not_worth_a_run() -> None:
    """Multiplying attention's operands before the sum would fill the memory."""
    equation = parse("bhqd,bhkd->bhqk")
    (multiplied,) = (each for each in candidates_of(equation) if "*" in each.text)
    small = {"b": 2, "h": 4, "q": 64, "k": 64, "d": 64}
    assert multiplied.excess(equation, small) is None
    note = multiplied.excess(equation, {**small, "q": 2048, "k": 2048})
    larger = "64 times as large as the largest operand or result"
    assert note == f"not run: it makes a tensor {larger}"
    assert Candidate("a @ b").excess(equation, small) is None
