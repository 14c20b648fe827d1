"""What calls show: that an assumption held in all of them, or that it did not."""

import pytest

from einlint.algebra.equation import parse
from einlint.linting.trace_evidence import evidence_of
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    EQUAL_DTYPES,
    EQUAL_SIZES,
    NO_AUTOCAST,
    RANKS_FIT,
    EvidenceKind,
)
from einlint.trace.store import Row, Signature, Size, SizeRange
from tests.trace.rows import operand, row_of, signature, site_of

SITE = site_of("f()\n", "f()")
BATCHED = "bij,bjk->bik"
FOR, AGAINST, LITTLE = EvidenceKind.TRACE, EvidenceKind.AGAINST, EvidenceKind.LITTLE


def kinds(equation: str, *rows: Row) -> dict[str, EvidenceKind]:
    found = evidence_of(parse(equation), rows)
    return {name: evidence.kind for name, evidence in found.items()}


def called(
    equation: str,
    *shapes: tuple[Size, ...] | None,
    calls: int = 3,
    device: str = "cpu",
) -> Row:
    return row_of(SITE, signature(equation, *shapes, device=device), calls)


SHAPES = ((8, 2, 3), (8, 3, 4))
GOOD = called(BATCHED, *SHAPES, calls=5)
ALL = dict.fromkeys((EQUAL_SIZES, BATCH_SIZES_EQUAL, NO_AUTOCAST, RANKS_FIT, EQUAL_DTYPES), FOR)


def test_all_held() -> None:
    assert kinds(BATCHED, GOOD) == ALL


def test_other_letters_are_the_same_equation() -> None:
    assert kinds(BATCHED, called("xpq,xqr->xpr", (8, 2, 3), (8, 3, 4))) == ALL


@pytest.mark.parametrize(
    ("shapes", "broken"),
    [
        (((8, 2, 3), (8, 1, 4)), EQUAL_SIZES),
        (((8, 2, 1), (8, 1, 4)), EQUAL_SIZES),
        (((1, 2, 3), (8, 3, 4)), BATCH_SIZES_EQUAL),
    ],
)
def test_one_call_is_enough_against(shapes: tuple[tuple[int, ...], ...], broken: str) -> None:
    assert kinds(BATCHED, GOOD, called(BATCHED, *shapes)) == {**ALL, broken: AGAINST}


def test_equal_batch_sizes_may_be_one() -> None:
    assert kinds(BATCHED, called(BATCHED, (1, 2, 3), (1, 3, 4))) == ALL


def test_no_calls_show_nothing() -> None:
    assert kinds(BATCHED) == {}


@pytest.mark.parametrize(
    "other",
    [
        row_of(SITE, None, 9),
        called("bij,bkj->bik", (8, 2, 3), (8, 4, 3)),
        row_of(SITE, signature(None, (8, 2, 3), (8, 3, 4))),
        called("bij,bjk->bi", (8, 2, 3), (1, 1, 4)),
    ],
)
def test_a_call_of_which_nothing_is_known_leaves_all_open(other: Row) -> None:
    assert kinds(BATCHED, GOOD, other) == {}
    bad = called(BATCHED, (8, 2, 3), (8, 1, 4))
    assert kinds(BATCHED, GOOD, other, bad) == {EQUAL_SIZES: AGAINST}


@pytest.mark.parametrize("shape", [None, (8, None, 4), (8, 4)])
def test_a_size_that_is_unknown_leaves_sizes_open(shape: tuple[int | None, ...] | None) -> None:
    found = kinds(BATCHED, GOOD, called(BATCHED, (8, 2, 3), shape))
    assert EQUAL_SIZES not in found
    assert found[NO_AUTOCAST] == FOR


def test_autocast_and_dtypes() -> None:
    mixed = (operand((2, 3)), operand((3, 4), "bfloat16"))
    row = row_of(SITE, Signature("torch.einsum", "ij,jk->ik", "float16", False, mixed))
    found = kinds("ij,jk->ik", row)
    assert (found[NO_AUTOCAST], found[EQUAL_DTYPES]) == (AGAINST, AGAINST)


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ((5, 7, 2, 3), (5, 7, 3, 4), FOR),
        ((2, 3), (3, 4), FOR),
        ((5, 7, 2, 3), (7, 3, 4), AGAINST),
        ((5, 1, 2, 3), (5, 7, 3, 4), AGAINST),
    ],
)
def test_an_ellipsis_is_a_batch_of_axes(
    left: tuple[int, ...], right: tuple[int, ...], kind: EvidenceKind
) -> None:
    equation = "...ij,...jk->...ik"
    assert kinds(equation, called(equation, left, right))[BATCH_SIZES_EQUAL] == kind


def test_ranges_that_meet_leave_sizes_open() -> None:
    many = SizeRange(2, 300)
    found = kinds(BATCHED, GOOD, called(BATCHED, (8, 2, many), (8, many, 4)))
    assert found == {name: kind for name, kind in ALL.items() if name != EQUAL_SIZES}


def test_ranges_of_free_indices_change_nothing() -> None:
    assert kinds(BATCHED, GOOD, called(BATCHED, (8, SizeRange(2, 300), 3), (8, 3, 4))) == ALL


@pytest.mark.parametrize("other", [1, SizeRange(301, 400)])
def test_ranges_that_do_not_meet_are_against(other: Size) -> None:
    found = kinds(BATCHED, GOOD, called(BATCHED, (8, 2, SizeRange(2, 300)), (8, other, 4)))
    assert found[EQUAL_SIZES] == AGAINST


def test_calls_that_raised_show_nothing() -> None:
    raised = Row(SITE, signature(BATCHED, (8, 2, 3), (8, 5, 4)), 0, 0.0, raised=9)
    assert kinds(BATCHED, raised) == {}
    assert kinds(BATCHED, GOOD, raised) == ALL


def test_meta_tensors_say_nothing_of_a_device() -> None:
    meta, real = called(BATCHED, *SHAPES, device="meta"), called(BATCHED, *SHAPES, calls=1)
    sizes = {name: kind for name, kind in ALL.items() if name not in (NO_AUTOCAST, EQUAL_DTYPES)}
    assert kinds(BATCHED, meta) == sizes
    assert kinds(BATCHED, meta, real) == {**sizes, NO_AUTOCAST: LITTLE, EQUAL_DTYPES: LITTLE}
    assert kinds(BATCHED, meta, GOOD) == ALL


def test_it_says_how_often() -> None:
    bad = called(BATCHED, (8, 2, 3), (8, 1, 4), calls=1200)
    found = evidence_of(parse(BATCHED), (GOOD, bad))
    assert found[EQUAL_SIZES].text == "it did not hold in 1,200 of the 1,205 calls seen"
    assert found[NO_AUTOCAST].text == "seen in 1,205 calls on cpu"


def text_of(*rows: Row, elsewhere: str | None = None) -> tuple[EvidenceKind, str]:
    evidence = evidence_of(parse("i->"), rows, elsewhere)[NO_AUTOCAST]
    return evidence.kind, evidence.text


def test_fewer_than_three_calls_are_too_little() -> None:
    once, twice = called("i->", (3,), calls=1), called("i->", (5,), calls=2)
    assert text_of(once) == (LITTLE, "seen in 1 call on cpu, and 3 are needed")
    assert text_of(twice) == (LITTLE, "seen in 2 calls on cpu, and 3 are needed")
    assert text_of(once, twice) == (FOR, "seen in 3 calls on cpu")
    assert text_of(row_of(SITE, signature("i->", (3,), autocast="float16")))[0] == AGAINST


def test_it_says_on_which_devices() -> None:
    first, second = (called("i->", (3,), device=device) for device in ("cuda:0", "cuda:1"))
    assert text_of(first, second) == (FOR, "seen in 6 calls on cuda")
    assert text_of(first, called("i->", (3,))) == (FOR, "seen in 6 calls on cpu and cuda")


def test_the_cpu_alone_is_too_little_where_the_code_is_for_another_device_too() -> None:
    alone = called(BATCHED, (8, 2, 3), (8, 3, 4))
    found = evidence_of(parse(BATCHED), [alone], "names cuda")
    assert found[NO_AUTOCAST].text == "seen in 3 calls on cpu alone, and the code names cuda"
    assert {name for name, each in found.items() if each.kind is LITTLE} == {
        NO_AUTOCAST,
        EQUAL_DTYPES,
    }
    elsewhere = called(BATCHED, (8, 2, 3), (8, 3, 4), device="cuda:0")
    for rows in ([elsewhere], [alone, elsewhere]):
        found = evidence_of(parse(BATCHED), rows, "names cuda")
        assert {each.kind for each in found.values()} == {FOR}
