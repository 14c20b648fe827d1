"""First what is given for a call, then what the code shows, then presets; equal cases are one."""

from math import prod

import pytest

from einlint.algebra.equation import Equation, parse
from einlint.algebra.sizes import Symbol
from einlint.verify.case import Site
from einlint.verify.case_sizes import (
    DEFAULT_PRESETS,
    PRESETS,
    Call,
    CaseSizes,
    Sizing,
    case_sizes,
    distinct_sizes,
    unknown_indices,
)
from einlint.verify.shown_sizes import Shown

MATMUL = parse("ij,jk->ik")


def calls(*shown: Shown) -> list[Call]:
    return [(Site("a.py", row), each) for row, each in enumerate(shown, start=1)]


def texts(found: CaseSizes) -> list[str]:
    return [" ".join(f"{label}{size}" for label, size in each.sizes) for each in found.cases]


def of_presets(equation: Equation, *presets: str, **given: int) -> list[dict[str, int]]:
    found = case_sizes(equation, (), Sizing(presets, given))
    assert not found.left_out
    return [dict(each.sizes) for each in found.cases]


def test_presets_that_come_to_the_same_are_one() -> None:
    assert of_presets(MATMUL, *DEFAULT_PRESETS, i=5, j=5, k=5) == [{"i": 5, "j": 5, "k": 5}]


@pytest.mark.parametrize("preset", [each.name for each in PRESETS.values() if each.has_roles])
@pytest.mark.parametrize(
    "equation", ["abcdefg->a", "ij,jk->ik", "abcd,efgh->abcdefgh", "bhqd,bhkd->bhqk", "i,i->"]
)
def test_presets_are_bounded(equation: str, preset: str) -> None:
    parsed = parse(equation)
    (known,) = of_presets(parsed, preset)
    most = 2**30 if preset == "huge" else 64 * 2**20
    for term in (*parsed.inputs, parsed.output):
        assert prod(known[label] for label in term) * 4 <= most
    assert min(known.values()) >= 1


def test_huge_keeps_a_large_gpu_busy() -> None:
    """For milliseconds, at 50 TFLOP a second."""
    for equation in ("ij,jk->ik", "bij,bjk->bik", "bhqd,bhkd->bhqk"):
        (sizes,) = of_presets(parse(equation), "huge")
        assert 2e-3 < 2 * prod(sizes.values()) / 50e12 < 0.1, equation


def test_what_is_given_is_not_bounded() -> None:
    (sizes,) = of_presets(parse("i,j->ij"), "tiny", i=2**22, j=2**22)
    assert sizes == {"i": 2**22, "j": 2**22}


def test_what_the_code_shows_comes_first_and_one_preset_follows() -> None:
    sizing = Sizing(DEFAULT_PRESETS, presets_after_code=("typical",))
    found = case_sizes(MATMUL, calls(((3, 4), (4, 5))), sizing)
    assert texts(found) == ["i3 j4 k5", "i128 j64 k128"]


def test_a_call_that_shows_nothing_gets_all_presets_behind_those_that_do() -> None:
    sizing = Sizing(DEFAULT_PRESETS, presets_after_code=("typical",))
    found = case_sizes(MATMUL, calls((), ((3, 4), (4, 5))), sizing)
    assert texts(found) == ["i3 j4 k5", "i32 j32 k32", "i128 j64 k128"]


def test_presets_that_are_asked_for_all_follow() -> None:
    found = case_sizes(MATMUL, calls(((3, 4), (4, 5))), Sizing(("tiny", "small")))
    assert texts(found) == ["i3 j4 k5", "i8 j8 k8", "i32 j32 k32"]


def test_what_the_code_shows_in_part_is_completed_by_every_preset() -> None:
    sizing = Sizing(DEFAULT_PRESETS, presets_after_code=("typical",))
    found = case_sizes(MATMUL, calls((None, (4, 5))), sizing)
    assert texts(found) == ["i32 j4 k5", "i128 j4 k5", "i128 j64 k128"]


def test_two_calls_of_one_size_are_one_case() -> None:
    """Whatever the code calls the sizes that it does not show."""
    one, other = Symbol("n", 1), Symbol("m", 2)
    found = case_sizes(MATMUL, calls(((one, 4), (4, 5)), ((other, 4), (4, 5))), Sizing(("tiny",)))
    assert texts(found) == ["i8 j4 k5", "i8 j8 k8"]


def test_sizes_of_one_call_come_first_and_are_its_own() -> None:
    shown: Shown = ((3, 4), (4, 5))
    at = {Site("a.py", 2): {"i": 7}}
    found = case_sizes(MATMUL, calls(shown, shown), Sizing(("tiny",), {"k": 9}, at))
    assert texts(found) == ["i7 j4 k9", "i3 j4 k9", "i8 j8 k9"]


def test_many_sizes_of_one_rewrite_are_cut_and_counted() -> None:
    found = case_sizes(MATMUL, calls(*(((n, 4), (4, 5)) for n in range(10, 20))), Sizing(("tiny",)))
    assert texts(found) == [*(f"i{n} j4 k5" for n in range(10, 16)), "i8 j8 k8"]
    assert found.left_out == (
        "4 more cases at sizes that the code shows: --size FILE:LINE:INDEX=SIZE selects",
    )


def test_sizes_in_the_code_that_no_machine_holds_wait_for_an_option() -> None:
    large: Shown = ((50_000, 50_000), (50_000, 50_000))
    found = case_sizes(MATMUL, calls(large), Sizing(("tiny",)))
    assert texts(found) == ["i8 j8 k8"]
    text = "i=50000 j=50000 k=50000, as the code shows: too large, unless --size asks for it"
    assert found.left_out == (text,)
    at = {Site("a.py", 1): {"i": 50_000}}
    asked = case_sizes(MATMUL, calls(large), Sizing(("tiny",), {}, at))
    assert texts(asked) == ["i50000 j50000 k50000", "i8 j8 k8"]


def test_distinct_sizes_are_distinct() -> None:
    sizes = dict(distinct_sizes(parse("abcdef->a")))
    assert len(set(sizes.values())) == 6


def test_indices_that_no_equation_has() -> None:
    assert list(unknown_indices(["i", "z"], [parse("ij->j")])) == ["z"]


ATTENTION = parse("bhnd,bhmd,bhme->bhne")
STEPS = (parse("bhnd,bhmd->bhnm"), parse("bhnm,bhme->bhne"))


def of_attention(shown: Shown, *presets: str, **given: int) -> list[dict[str, int]]:
    calls = ((Site("a.py", 1), shown),)
    return [
        dict(each.sizes)
        for each in case_sizes(ATTENTION, calls, Sizing(presets, given), STEPS).cases
    ]


def test_presets_of_attention_are_kept_whatever_their_product_is() -> None:
    for name in ("tiny", "small", "typical", "decode", "large", "huge"):
        (found,) = of_attention((), name)
        assert found == dict(PRESETS[name].attention)


def test_one_query_is_not_tried_where_a_text_attends_to_itself() -> None:
    length = Symbol("n", 1)
    shape = (None, None, length, None)
    assert of_attention((shape, shape, shape), "decode") == []
    assert [each["n"] for each in of_attention(((None,) * 4,) * 3, "decode")] == [1]


def test_what_the_code_shows_of_an_attention_is_kept() -> None:
    shape = (2, 3, 7, None)
    found, preset = of_attention((shape, shape, None), "typical")
    assert preset == dict(PRESETS["typical"].attention)
    assert found == {"b": 2, "h": 3, "n": 7, "d": 64, "m": 7, "e": 64}


def test_a_preset_without_roles_is_left_out_and_says_so() -> None:
    found = case_sizes(MATMUL, (), Sizing(("decode",)))
    assert (found.cases, len(found.left_out)) == ((), 1)
    assert "preset decode" in found.left_out[0]
