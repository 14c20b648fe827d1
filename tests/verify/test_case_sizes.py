"""Sizes by role, with those that are given, and never more than a machine can take."""

from math import prod

import pytest

from einlint.algebra.equation import parse
from einlint.verify.case_sizes import (
    DEFAULT_PRESETS,
    PRESETS,
    case_sizes,
    distinct_sizes,
    unknown_indices,
)


def test_sizes_by_role_and_as_given() -> None:
    (sizes,) = case_sizes(parse("bhqd,bhkd->bhqk"), ["typical"], {"h": 3})
    assert dict(sizes) == {"b": 16, "h": 3, "q": 128, "d": 64, "k": 128}


def test_an_ellipsis_is_one_batch_axis() -> None:
    (sizes,) = case_sizes(parse("...ij,...jk->...ik"), ["tiny"], {})
    assert dict(sizes)["..."] == PRESETS["tiny"].batch


def test_presets_that_come_to_the_same_are_one() -> None:
    given = dict.fromkeys("ijk", 5)
    assert len(case_sizes(parse("ij,jk->ik"), DEFAULT_PRESETS, given)) == 1


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "equation", ["abcdefg->a", "ij,jk->ik", "abcd,efgh->abcdefgh", "bhqd,bhkd->bhqk", "i,i->"]
)
def test_presets_are_bounded(equation: str, preset: str) -> None:
    parsed = parse(equation)
    (sizes,) = case_sizes(parsed, [preset], {})
    known, most = dict(sizes), 2**30 if preset == "huge" else 64 * 2**20
    for term in (*parsed.inputs, parsed.output):
        assert prod(known[label] for label in term) * 4 <= most
    assert min(known.values()) >= 1


def test_huge_keeps_a_large_gpu_busy() -> None:
    """For milliseconds, at 50 TFLOP a second."""
    for equation in ("ij,jk->ik", "bij,bjk->bik", "bhqd,bhkd->bhqk"):
        (sizes,) = case_sizes(parse(equation), ["huge"], {})
        assert 2e-3 < 2 * prod(size for _, size in sizes) / 50e12 < 0.1, equation


def test_what_is_given_is_not_bounded() -> None:
    (sizes,) = case_sizes(parse("i,j->ij"), ["tiny"], {"i": 2**22, "j": 2**22})
    assert dict(sizes) == {"i": 2**22, "j": 2**22}


def test_distinct_sizes_are_distinct() -> None:
    sizes = dict(distinct_sizes(parse("abcdef->a")))
    assert len(set(sizes.values())) == 6


def test_indices_that_no_equation_has() -> None:
    assert list(unknown_indices(["i", "z"], [parse("ij->j")])) == ["z"]
