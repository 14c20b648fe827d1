"""einlint explain from the outside."""

import json
from pathlib import Path

import pytest

from tests.cli.run import MALFORMED, MALFORMED_SIZES, called


def explained(*arguments: str) -> str:
    done = called("explain", *arguments, cwd=Path())
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_says_kind_roles_cost_and_replacement() -> None:
    text = explained("bhqd,bhkd->bhqk", "--size", "b=64,h=8,q=20,k=64,d=64")
    assert "is a batched matrix product (batched-matmul)" in text
    for line in (
        "b    batch       in several operands, kept, size 64",
        "q    free left   in the first operand only, kept, size 20",
        "d    contracted  in several operands, summed over, size 64",
        "k    free right  in a later operand only, kept, size 64",
        "shapes      (64, 8, 20, 64), (64, 8, 64, 64) -> (64, 8, 20, 64)",
        "replace einsum: the replacement reads simpler",
        "FLOPs       83,886,080 in products (torch.bmm)",
        "bytes       13,631,488 in float32 (a model: every operand is read once",
        "intensity   6.15 FLOPs a byte",
        "a @ b.transpose(-2, -1)",
        "proved: `d` has one size in both operands (`equal-sizes`)",
        "a simple product?         yes (matmul, bmm): a @ b.transpose(-2, -1)",
        "a complex contraction?    no",
        "measure both on your sizes first",
        "a batch axis of size 1?   if in one operand only, `@` may be far slower",
    ):
        assert line in text


@pytest.mark.parametrize("equation", ["bhqd,bhkd->bhqk"])
def test_flops_are_those_that_torch_counts(equation: str) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    q, k = torch.ones(64, 8, 20, 64), torch.ones(64, 8, 64, 64)
    with FlopCounterMode(display=False) as counter:
        torch.einsum(equation, q, k)
    text = explained(equation, "--size", "b=64,h=8,q=20,k=64,d=64")
    assert f"FLOPs       {counter.get_total_flops():,} in products (torch.bmm)\n" in text


def test_a_complex_contraction_keeps_einsum() -> None:
    text = explained("bthd,hdo->bto")
    assert "\nkeep einsum: no single operation that is simpler does it\n" in text
    assert "torch.tensordot(a, b, dims=2)" in text
    assert "a complex contraction?    yes: keep einsum" in text
    assert "FLOPs and bytes need the other sizes: --size b=..." in text


def test_three_operands_show_the_best_order() -> None:
    text = explained("ij,jk,kl->il", "--size", "i=2,j=100,k=100", "--size", "l=1")
    assert "FLOPs       40,400 in products (torch.bmm) (from left to right)" in text
    for line in (
        "  left to right  40,400 FLOPs, 200 elements in the largest intermediate",
        "  the best       20,400 FLOPs, 100 elements in the largest intermediate",
        "    first jk (operand `b`) with kl (operand `c`) -> j: 20,000 FLOPs",
        "    then  ij (operand `a`) with j -> il: 400 FLOPs",
        "torch takes the order that opt_einsum finds, where opt_einsum is installed",
    ):
        assert line in text


@pytest.mark.parametrize(
    ("equation", "sizes", "said"),
    [
        ("ij,jk,kl->il", (), "  the best one depends on the sizes: --size i=...,j=...,k=...,l=..."),
        ("a,a,a->a", ("--size", "a=3"), "  the best       left to right"),
        (",".join(9 * ["a"]) + "->a", ("--size", "a=3"), "  a good one     left to right"),
        (
            ",".join(60 * ["a"]) + "->a",
            ("--size", "a=3"),
            "  others         not searched: 60 operands are too many",
        ),
    ],
)
def test_what_is_said_of_an_order(equation: str, sizes: tuple[str, ...], said: str) -> None:
    assert f"{said}\n" in explained(equation, *sizes)


def test_k4_an_index_of_one_operand_is_summed_first() -> None:
    text = explained("ij,kl->il", "--size", "i=100,j=100,k=100,l=100")
    assert "FLOPs       10,000 to multiply (*), 20,000 to sum\n" in text


def test_k5_one_answer_in_every_line() -> None:
    text = explained("i->i")
    assert text.startswith("i->i is the operand itself (permutation)\nnothing to replace: ")
    assert "a complex contraction?    no\n" in text
    text = explained("BTNH,BSNH->BTNS")
    assert text.startswith("BTNH,BSNH->BTNS is a batched matrix product (batched-matmul)\nkeep ")
    assert "a complex contraction?    no\n" in text


def test_json_has_the_same_facts() -> None:
    data = json.loads(explained("ij,kl->il", "--size", "i=2,j=3", "--format", "json"))
    assert data["kind"] == "complex"
    assert data["missing_sizes"] == ["k", "l"]
    assert [each["code"] for each in data["doubts"]] == ["EIN005"]
    assert data["flops"] is None


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_bytes_follow_the_dtype(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    size = torch.empty(0, dtype=getattr(torch, dtype)).element_size()
    assert f"bytes       {size * 7} in {dtype} (" in explained(
        "i,i->", "--size", "i=3", "--dtype", dtype
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ij;jk->ik",), "  ij;jk->ik\n    ^"),
        (
            ("ij,jk->il",),
            "output index `l` does not occur in any operand\n  ij,jk->il\n          ^",
        ),
        (("ij->i", "--size", "k=3"), "`ij->i` has no index `k`"),
        (("ij->i", "--size", "i"), "`i` is not INDEX=SIZE"),
        (("ij->i", "--size", "i=x"), "is not INDEX=SIZE"),
        *((("ij->i", "--size", each), MALFORMED.format(each)) for each in MALFORMED_SIZES),
    ],
)
def test_wrong_input_exits_with_two(arguments: tuple[str, ...], message: str) -> None:
    done = called("explain", *arguments, cwd=Path())
    assert done.returncode == 2
    assert message in done.stderr.decode()


def test_sizes_decide_between_einsum_and_matmul() -> None:
    text = explained("ij,bjk->bik", "--size", "i=64,j=64,b=4096,k=1")
    assert "keep einsum: at these sizes `@` copies the left matrix for every batch" in text
    assert "torch.bmm(a, b)" in explained("bij,bjk->bik", "--size", "b=2,i=3,j=4,k=5")
    assert "torch.bmm" not in explained("bij,bjk->bik", "--size", "i=3")
