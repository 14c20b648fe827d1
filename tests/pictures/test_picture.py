"""Pictures say what an equation does: in wires, in words, and without one thing over another."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einlint.algebra.equation import Equation, parse
from einlint.algebra.roles import index_roles, role_of
from einlint.pictures.image import image
from einlint.pictures.look import FORMS
from einlint.pictures.picture import picture
from tests.pictures.svg import Mark, Picture, ends


def drawn(text: str, names: tuple[str, ...] = (), **sizes: int) -> Picture:
    return Picture.of(picture(parse(text), sizes, names))


def sums(found: Picture) -> list[str]:
    return sorted(text for text in found.texts() if "Σ" in text)


def test_what_is_kept_runs_down_and_what_vanishes_arcs_to_its_sum() -> None:
    found = drawn("bhqd,bhkd->bhqk", b=2, h=8)
    assert len(found.looking("path", "wire", "batch")) == 4 + 1, "two each, and one in the legend"
    assert len(found.looking("path", "wire", "free")) == 2 + 2
    assert len(found.looking("path", "wire", "contracted")) == 1 + 1
    assert sums(found) == ["Σ d"]
    assert found.texts().count("8") == 3, "sizes stand in the cells of both operands and the output"
    assert "a batched matrix product" in found.texts()


def test_a_permutation_is_crossing_wires() -> None:
    pairs = [ends(each) for each in drawn("ij->ji").looking("path", "wire", "free")[:2]]
    (first, _, to, _), (second, _, other, _) = sorted(pairs)
    assert first < second
    assert to > other


def test_a_diagonal_is_two_wires_into_one_cell() -> None:
    found = drawn("ii->i")
    first, second = (ends(each) for each in found.looking("path", "wire", "diagonal")[:2])
    (cell,) = [each for each in found.looking("rect", "cell") if _y(each) > 80]
    left = float(cell.element.attrib["x"])
    assert first[0] != second[0]
    assert all(left < each[2] < left + cell.number("width") for each in (first, second))


def _y(mark: Mark) -> float:
    return float(mark.element.attrib["y"])


def test_a_mistyped_index_is_a_lone_stub() -> None:
    found = drawn("bnsk,bnsh->bnsh")
    stub, cap, legend = found.looking("path", "wire", "summed", "doubt")
    assert ends(stub)[0] == ends(stub)[2] or "V" in stub.element.attrib["d"]
    assert "cap" in cap.look
    assert legend.element.attrib["d"] == "M0 0h30"
    assert len(found.looking("rect", "cell", "doubt")) == 1
    assert sums(found) == ["Σ k ?"]
    assert "is bnsk,bnkh->bnsh meant?" in found.words
    assert "k is only in operand a and" in found.words
    assert "doubt" not in {each for mark in drawn("bnsk,bnkh->bnsh").marks for each in mark.look}


def test_an_axis_of_size_one_is_no_doubt() -> None:
    assert not drawn("bnsk,bnsh->bnsh", k=1).looking("rect", "doubt")


def test_three_operands_have_numbered_steps() -> None:
    lines = drawn("ij,jk,kl->il").texts()
    assert "Steps from left to right" in lines
    assert "1: a with b -> ik, sum over j" in lines
    assert "2: result of 1 with c -> il, sum over k" in lines
    assert {"1: Σ j", "2: Σ k"} <= {*lines}
    best = drawn("ij,jk,kl->il", i=2, j=100, k=100, l=1).texts()
    assert "Cheapest steps for these sizes" in best
    # An axis of size 1 is no part of the result of a step.
    assert "1: b with c -> j, sum over k" in best
    assert "2: a with result of 1 -> il, sum over j" in best


def test_steps_of_two_results() -> None:
    best = drawn("ij,jk,kl,lm->im", i=1000, j=2, k=1000, l=2, m=1000).texts()
    steps = [line for line in best if " with " in line]
    assert len(steps) == 3
    assert sum(line.count("result of") for line in steps) == 2


def test_many_operands_are_rows_with_a_column_for_each_index() -> None:
    found = drawn(",".join(["ab", "bc", "cd", "de", "ef", "fg", "gh"]) + "->ah")
    cells = [each for each in found.marks if each.tag == "rect" and "cell" in each.look]
    columns = {each.element.attrib["x"] for each in cells}
    assert (len(columns), len(cells)) == (8, 14 + 2)
    assert "d: de" in found.texts()
    assert drawn("aa,b,c,d,e,f,g->a").texts().count("×2") == 1


@pytest.mark.parametrize("count", [27, 300])
def test_more_operands_than_letters(count: int) -> None:
    found = drawn(",".join(["a"] * count) + "->a")
    assert f"{count}: a" in found.texts()
    assert f"Operand {count} has the axes a." in found.words


def test_numbers_are_tensors_without_axes() -> None:
    found = drawn(",ij->")
    assert len(found.looking("circle", "cell")) == 2
    assert "Operand a has no axes." in found.words
    assert "The result has no axes." in found.words


def test_words_say_all() -> None:
    assert drawn("bhqd,bhkd->bhqk", ("q", "k"), d=64).words == (
        "bhqd,bhkd->bhqk is a batched matrix product. "
        "Operand q has the axes b, h, q, d of size 64. "
        "Operand k has the axes b, h, k, d of size 64. The result has the axes b, h, q, k. "
        "b, h: batch, in several operands, kept. "
        "q: free left, in the first operand only, kept. "
        "k: free right, in a later operand only, kept. "
        "d: contracted, in several operands, summed over."
    )


def test_names_are_escaped_and_short() -> None:
    hostile = '"/></svg><script>alert(1)</script>'
    found = drawn("ij,jk->ik", (hostile, "\x1b[31m\ud800"))
    assert not found.looking("script")
    assert '"/></svg><s…' in found.texts()
    assert r"\x1b[31m\ud…" in found.texts()


TERMS = st.text("abcdef", max_size=5)


@st.composite
def equations(draw: st.DrawFn) -> Equation:
    terms = draw(st.lists(TERMS, min_size=1, max_size=8))
    known = sorted({label for term in terms for label in term})
    output = draw(st.permutations(known)) if known else []
    kept = output[: draw(st.integers(0, len(output)))]
    return parse(f"{','.join(terms)}->{''.join(kept)}")


@settings(max_examples=60, deadline=None)
@given(equations(), st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**6)))
def test_nothing_is_drawn_over_another_thing(equation: Equation, sizes: dict[str, int]) -> None:
    found = Picture.of(picture(equation, sizes))
    width, height = (float(found.root.attrib[each]) for each in ("width", "height"))
    cells = found.looking("rect", "cell")
    expected = sum(map(len, equation.inputs)) + len(equation.output)
    if len(equation.inputs) <= 6:
        assert len(cells) <= expected
    boxes = [(each.x, each.y, each.number("width"), each.number("height")) for each in cells]
    boxes += [
        (each.x, each.y, each.number("width"), each.number("height"))
        for each in found.looking("rect", "paper")
        if each.element.get("width") != "100%"
    ]
    for x, y, wide, high in boxes:
        assert x >= 0
        assert y >= 0
        assert x + wide <= width
        assert y + high <= height
    for (x, y, wide, high), (left, top, across, down) in combinations(boxes, 2):
        is_apart = x + wide <= left or left + across <= x or y + high <= top or top + down <= y
        assert is_apart, (str(equation), (x, y), (left, top))
    roles = index_roles(equation)
    looks = {look for each in cells for look in each.look}
    assert looks - {"cell", "doubt"} == {FORMS[role_of(each, roles)] for each in equation.labels}


def test_small_pictures_are_below_200_pixels_or_left_out() -> None:
    assert image(parse(",".join("abcdefgh") + "->")) is None
    assert image(parse("ij,jk->ik")) == image(parse("ij,jk->ik"), {})
    assert (image(parse("abcde,cdfg,egha->bfh")) or "").startswith("data:image/svg+xml;base64,")
