"""The sizes of one case: given, shown by the code, or of a preset by role; and its shapes."""

import pytest

from einlint.algebra.equation import parse
from einlint.algebra.sizes import Size, Symbol
from einlint.verify.case import Shapes, SizeSource
from einlint.verify.case_sizes import PRESETS
from einlint.verify.shown_sizes import Shown
from einlint.verify.sized_case import SizedCase, sized_case

N, M = Symbol("n", 0), Symbol("m", 1)
CODE, OPTION, PRESET = SizeSource.CODE, SizeSource.OPTION, SizeSource.PRESET


def made(equation: str, *shown: tuple[Size | None, ...] | None, **given: int) -> SizedCase:
    sizes = {"...": given.pop("dots")} | given if "dots" in given else given
    known: Shown = shown
    return sized_case(parse(equation), known, sizes, PRESETS["typical"])


def test_sizes_by_role_and_as_given() -> None:
    found = made("bhqd,bhkd->bhqk", h=3)
    assert dict(found.sizes) == {"b": 16, "h": 3, "q": 128, "d": 64, "k": 128}
    assert found.origin.sources == (PRESET, OPTION, PRESET, PRESET, PRESET)
    assert found.origin.preset == "typical"
    assert found.shapes is None


def test_an_ellipsis_is_one_batch_axis() -> None:
    found = made("...ij,...jk->...ik")
    assert dict(found.sizes)["..."] == PRESETS["typical"].batch
    assert found.shapes is None


def test_numbers_of_the_code_are_kept() -> None:
    found = made("ij,jk->ik", (3, 4), (4, 5))
    assert found.sizes == (("i", 3), ("j", 4), ("k", 5))
    assert set(found.origin.sources) == {CODE}
    assert found.origin.preset is None


def test_a_number_in_one_operand_is_that_of_the_other() -> None:
    found = made("ij,jk->ik", (N, 4), None)
    assert dict(found.sizes) == {"i": 128, "j": 4, "k": 128}
    assert found.origin.sources == (PRESET, CODE, PRESET)


def test_sizes_of_one_name_are_one_size() -> None:
    assert dict(made("ij,jk->ik", (N, 4), (4, N), i=7).sizes) == {"i": 7, "j": 4, "k": 7}
    found = made("bij,bjk->bik", (M, N, 4), (M, 4, N))
    assert dict(found.sizes) == {"b": 16, "i": 128, "j": 4, "k": 128}


def test_a_name_that_is_a_number_elsewhere_is_that_number() -> None:
    found = made("bij,bjk->bik", (N, N, 4), (6, 4, None))
    assert dict(found.sizes) == {"b": 6, "i": 6, "j": 4, "k": 128}
    assert found.origin.sources == (CODE, CODE, CODE, PRESET)


def test_a_number_beside_a_name_is_kept_whatever_the_name_is_elsewhere() -> None:
    """The call raises, or `n` is 1: then all that is not 1 is as the code says."""
    found = made("bi,bi,ck->bick", (N, 3), (4, 3), (5, N))
    assert dict(found.sizes) == {"b": 4, "i": 3, "c": 5, "k": 4}
    found = made("bi,bi,ci,ci->bc", (N, 3), (4, 3), (N, 3), (6, 3))
    assert dict(found.sizes) == {"b": 4, "i": 3, "c": 6}


@pytest.mark.parametrize(
    ("equation", "shown", "sizes", "shapes"),
    [
        ("bi,bi->bi", ((1, 8), (4096, 8)), {"b": 4096, "i": 8}, ((1, 8), (4096, 8))),
        # What may be larger than 1 is assumed to be: the code writes the 1 to broadcast it.
        ("bi,bi->bi", ((1, 8), (N, 8)), {"b": 16, "i": 8}, ((1, 8), (16, 8))),
        ("bi,bi->bi", ((1, 8), None), {"b": 16, "i": 8}, ((1, 8), (16, 8))),
        ("bi,bi->bi", ((1, 8), (1, 8)), {"b": 1, "i": 8}, None),
        # But `@` rejects that for an axis that is summed over.
        ("ij,jk->ik", ((3, 1), (N, 5)), {"i": 3, "j": 1, "k": 5}, None),
        ("ij->i", ((3, 1),), {"i": 3, "j": 1}, None),
    ],
)
def test_size_one_broadcasts(
    equation: str, shown: Shown, sizes: dict[str, int], shapes: Shapes | None
) -> None:
    found = made(equation, *shown)
    assert (dict(found.sizes), found.shapes) == (sizes, shapes)


@pytest.mark.parametrize(
    ("left", "right", "size", "shapes"),
    [
        ((2, 3, 4, 5), (2, 3, 5, 6), 6, ((2, 3, 4, 5), (2, 3, 5, 6))),
        ((2, 3, 4, 5), (3, 5, 6), 6, ((2, 3, 4, 5), (3, 5, 6))),
        ((2, 3, 4, 5), (2, 1, 5, 6), 6, ((2, 3, 4, 5), (2, 1, 5, 6))),
        ((2, 3, 4, 5), None, 6, ((2, 3, 4, 5), (2, 3, 5, 128))),
        ((4, 5), (5, 6), 1, ((4, 5), (5, 6))),
        ((2, 4, 5), (2, 5, 6), 2, None),
    ],
)
def test_the_axes_of_an_ellipsis(
    left: tuple[int, ...], right: tuple[int, ...] | None, size: int, shapes: Shapes | None
) -> None:
    found = made("...ij,...jk->...ik", left, right)
    assert (dict(found.sizes)["..."], found.shapes) == (size, shapes)


def test_the_given_size_of_an_ellipsis_is_that_of_one_axis() -> None:
    found = made("...ij,...jk->...ik", (2, 3, 4, 5), (2, 3, 5, 6), dots=7)
    assert dict(found.sizes)["..."] == 7
    assert found.shapes is None


def test_what_is_given_replaces_what_the_code_shows() -> None:
    found = made("bi,bi->bi", (1, 8), (1, 8), b=5)
    assert (dict(found.sizes), found.shapes) == ({"b": 5, "i": 8}, None)
    assert found.origin.sources == (OPTION, CODE)
    assert made("bi,bi->bi", (1, 8), (9, 8), b=5).shapes == ((1, 8), (5, 8))


def test_only_what_is_assumed_is_shrunk() -> None:
    found = dict(made("bhqd,bhkd->bhqk", (None, 64, 4096, None), None).sizes)
    assert (found["h"], found["q"]) == (64, 4096)
    assert found["b"] * 64 * 4096 * found["k"] <= 2**24


def test_sizes_of_one_name_are_shrunk_together() -> None:
    found = dict(made("ai,bj->abij", (N, N), (N, N)).sizes)
    assert len(set(found.values())) == 1
    assert found["a"] ** 4 <= 2**24
