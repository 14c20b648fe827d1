"""What the sizes of the operands change in a finding: conflicts, proofs, bmm, cost."""

import json

import pytest

from einlint.algebra.sizes import Shape
from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting.engine import check, fix, read
from einlint.output.format import Report, format_named, format_names
from einlint.output.paint import Paint
from einlint.rewriting.dialects.style import MatmulStyle
from einlint.settings import Settings
from einlint.source.file import SourceFile
from einlint.source.lines import Text
from tests.expectations import CODES
from tests.given_shapes import shape, shapes_of_names
from tests.output.formats.readers import reader_of

Q = shape(64, 8, 16, text="Q = torch.randn(64, 8, 16)", row=3)
K = shape(64, 16, 9, text="K = torch.randn(64, 16, 9)", row=4)


def source_of(equation: str, operands: str, header: str = "import torch") -> SourceFile:
    callee = "torch.einsum" if header == "import torch" else "einsum"
    text = f'{header}\n\n\n\n\n\nx = {callee}("{equation}", {operands})\n'
    source = read("program.py", text.encode(), Settings())
    assert isinstance(source, SourceFile)
    return source


def found(
    equation: str, *, assume: tuple[str, ...] = (), operands: str = "", **shapes: Shape
) -> tuple[Diagnostic, ...]:
    names = operands or ", ".join(shapes)
    with shapes_of_names(shapes):
        return check(source_of(equation, names), Settings(select=CODES, assume=assume)).diagnostics


def rendered(name: str, diagnostics: tuple[Diagnostic, ...]) -> str:
    text = Text(source_of("i->", "a").text)
    report = Report(diagnostics, {"program.py": text}, root="/")
    return format_named(name).render(report, Paint(False))


def written(equation: str, operands: str = "a, b", **shapes: Shape) -> str:
    """What plain --fix makes of the call where nothing is granted."""
    with shapes_of_names(shapes):
        result = fix(source_of(equation, operands), Settings(assume=()), Applicability.SAFE)
    return result.text.splitlines()[-1].removeprefix("x = ")


def test_a_size_conflict_names_index_sizes_and_rows_in_every_format() -> None:
    (finding,) = conflict = found("bij,bjk->bik", Q=Q, K=shape(32, 16, 9, text="K = load()", row=5))
    assert (finding.code, finding.severity.value, finding.fix) == ("EIN004", "error", None)
    message = "`bij,bjk->bik`: `b` is 64 in operand `Q` (line 3) and 32 in operand `K` (line 5)"
    assert finding.message == message
    notes = (
        "`b` is 64: `Q = torch.randn(64, 8, 16)` at line 3",
        "`b` is 32: `K = load()` at line 5",
    )
    assert finding.notes == notes
    for name in format_names():
        text = reader_of(name).plain(rendered(name, conflict))
        assert message in text
        if reader_of(name).has_notes:
            assert all(note in text for note in notes)


@pytest.mark.parametrize(
    ("equation", "first", "message"),
    [
        ("ij->ji", Q, "operand `a` (line 3) has 3 axes, `ij` needs 2"),
        ("...abcd->...", Q, "operand `a` (line 3) has 3 axes, `...abcd` needs at least 4"),
        ("ij->ji", shape(2), "operand `a` has 1 axis, `ij` needs 2"),
        ("iij->j", Q, "`i` is 64 in operand `a` (line 3) and 8 in operand `a` (line 3)"),
        ("...ii->...", shape(5, 1, 3), "`i` is 1 in operand `a` and 3 in operand `a`"),
    ],
)
def test_a_conflict_of_one_operand(equation: str, first: Shape, message: str) -> None:
    (finding,) = found(equation, a=first)
    assert finding.message == f"`{equation}`: {message}"


def test_size_one_broadcasts_and_is_no_conflict() -> None:
    assert not found("ij,jk->ik", a=shape(2, 1), b=shape(3, 4))
    assert [each.code for each in found("ij,ij->ij", a=shape(2, 1), b=shape(2, 3))] == ["EIN107"]


def test_nothing_granted_and_the_proof_makes_the_fix_safe() -> None:
    (finding,) = diagnostics = found("bij,bjk->bik", Q=Q, K=K)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE
    words = "`Q = torch.randn(64, 8, 16)` at line 3 and `K = torch.randn(64, 16, 9)` at line 4"
    (record,) = json.loads(rendered("json", diagnostics))
    assert record["fix"]["assumptions"][0] == {
        "name": "equal-sizes",
        "text": "`j` has one size in both operands",
        "proved_by": {
            "text": words,
            "filename": "program.py",
            "row": 3,
            "kind": "source",
        },
        "granted": False,
    }


@pytest.mark.parametrize(
    ("first", "second", "applicability"),
    [
        (shape(2, 3), shape(3, 4), "safe"),
        (shape(None, "d"), shape("d", None), "safe"),
        (shape(2, 0), shape(0, 4), "safe"),
        (shape(2, 1), shape(1, 4), "unsafe"),
        (shape(2, "d"), shape("e", 4), "unsafe"),
        (shape(2, 3), shape(None, 4), "unsafe"),
    ],
)
def test_equal_sizes_is_proved_by_a_number_or_a_name(
    first: Shape, second: Shape, applicability: str
) -> None:
    (finding,) = found("ij,jk->ik", a=first, b=second)
    assert finding.fix is not None
    assert finding.fix.applicability.name.lower() == applicability


def test_where_matmul_would_raise_einsum_is_kept_whatever_is_granted() -> None:
    one, three = shape(2, 1), shape(3, 4)
    assert not found("ij,jk->ik", assume=("equal-sizes",), a=one, b=three)
    assert not found("bij,bj->bi", assume=("equal-sizes",), a=shape(5, 2, 1), b=shape(5, 3))


@pytest.mark.parametrize(
    ("equation", "first", "second", "expected"),
    [
        ("bij,bjk->bik", shape("b", 2, 3), shape("b", 3, 4), "torch.bmm(a, b)"),
        ("bij,bkj->bik", shape("b", 2, 3), shape("b", 4, 3), "torch.bmm(a, b.transpose(-2, -1))"),
        ("bij,bjk->bik", shape("b", 2, 3), shape("c", 3, 4), "a @ b"),
        ("bij,bjk->bik", shape(1, 2, 3), shape(1, 3, 4), "torch.bmm(a, b)"),
        ("bhij,bhjk->bhik", shape("b", 1, 2, 3), shape("b", 1, 3, 4), "a @ b"),
        ("bhij,bhjk->bhik", shape("b", 6, 2, 3), shape("b", 6, 3, 4), "a @ b"),
        ("...ij,...jk->...ik", shape("b", 2, 3), shape("b", 3, 4), "a @ b"),
        ("...ij,...jk->...ik", shape(2, 3), shape(3, 4), "a @ b"),
    ],
)
def test_what_is_written_where_only_proofs_count(
    equation: str, first: Shape, second: Shape, expected: str
) -> None:
    assert written(equation, a=first, b=second) == expected


def test_bmm_is_a_method_where_torch_has_no_name() -> None:
    with shapes_of_names({"a": Q, "b": K}):
        source = source_of("bij,bjk->bik", "a, b", "from torch import einsum")
        assert fix(source, Settings(), Applicability.SAFE).text.endswith("x = a.bmm(b)\n")


def test_bmm_is_a_function_whatever_the_style_of_products() -> None:
    with shapes_of_names({"a": Q, "b": K}):
        source = source_of("bij,bjk->bik", "a, b")
        result = fix(source, Settings(matmul=MatmulStyle.FUNCTION), Applicability.SAFE)
    assert result.text.endswith("x = torch.bmm(a, b)\n")


def test_bmm_needs_a_proof_and_not_a_grant() -> None:
    (finding,) = found("bij,bjk->bik", assume=("equal-sizes", "batch-sizes-equal"), operands="a, b")
    assert finding.fix is not None
    assert finding.fix.message == "Replace with `a @ b`"


def test_ellipses_that_broadcast_are_not_proved() -> None:
    (finding,) = found("...ij,...jk->...ik", a=shape(7, 5, 2, 3), b=shape(5, 3, 4))
    assert finding.fix is not None
    assert [each.name for each in finding.fix.unmet] == ["batch-sizes-equal"]


@pytest.mark.parametrize(
    ("equation", "operands", "expected"),
    [
        ("bij,bkj->bik", "x, x", "torch.bmm(x, x.transpose(-2, -1))"),
        ("...ij,...kj->...ik", "self.x, self.x", "self.x @ self.x.transpose(-2, -1)"),
        ("bij,bkj->bik", "f(x), f(x)", None),
    ],
)
def test_one_tensor_twice_has_one_size(equation: str, operands: str, expected: str | None) -> None:
    source = source_of(equation, operands)
    result = fix(source, Settings(assume=("ranks-fit",)), Applicability.SAFE).text
    assert result == source.text if expected is None else result.endswith(f"x = {expected}\n")


def test_a_matrix_on_the_left_is_written_where_it_was_measured_to_pay() -> None:
    (measured,) = found("ij,bjk->bik", a=shape(64, 32), b=shape(8, 32, 16))
    (beyond,) = found("ij,bjk->bik", a=shape(64, 32), b=shape(9, 32, 16))
    assert measured.fix is not None
    assert beyond.fix is not None
    assert [each.name for each in measured.fix.unmet] == ["same-layout"]
    assert [each.name for each in beyond.fix.unmet] == ["same-layout", "not-slower"]


def test_a_matrix_on_the_left_of_many_narrow_ones_is_left_alone() -> None:
    granted = ("equal-sizes", "not-slower")
    narrow = {"a": shape(64, 64), "b": shape(4096, 64, 1)}
    assert not found("ij,bjk->bik", assume=granted, **narrow)


def test_people_read_of_a_safe_fix_only_what_it_writes() -> None:
    """`explain FILE:LINE` says what it rests on, and what the call costs."""
    (known,) = diagnostics = found("bij,bjk->bik", Q=Q, K=K)
    assert known.notes == ()
    assert rendered("full", diagnostics).endswith("help: Replace with `torch.bmm(Q, K)`\n\n")


@pytest.mark.parametrize(
    ("equation", "first", "second", "text"),
    [
        (
            "bhqd,bhkd->bhqk",
            shape("b", "h", None, 3),
            shape("b", 1, None, 3, text="k = k[:, None]", row=3),
            "`h` is 1 in operand `a` too, as in operand `b` (`k = k[:, None]` at line 3)",
        ),
        (
            "bij,bjk->bik",
            shape(1, 2, 3),
            shape(None, 3, 4),
            "`b` is 1 in operand `b` too, as in operand `a`",
        ),
        (
            "bij,bjk->bik",
            shape(1, 2, 3),
            shape(5, 3, 4),
            "`b` is 1 in operand `b` too, as in operand `a`",
        ),
    ],
)
def test_a_batch_axis_that_is_one_on_one_side_is_no_safe_fix(
    equation: str, first: Shape, second: Shape, text: str
) -> None:
    assert not written(equation, a=first, b=second).startswith("a")
    (finding,) = found(equation, assume=("equal-sizes",), a=first, b=second)
    assert finding.fix is not None
    (assumption,) = finding.fix.unmet
    assert assumption.name == "batch-sizes-equal"
    assert assumption.text == f"{text}: where it is not, einsum can be many times faster than `@`"
    assert "bmm" not in finding.fix.message


def test_one_side_unknown_is_not_visibly_one() -> None:
    """Where no operand shows a size of 1 nothing is in doubt."""
    first, second = shape("b", "h", 2, 3), shape(None, None, 4, 3)
    (finding,) = found("bhqd,bhkd->bhqk", assume=("equal-sizes",), a=first, b=second)
    assert finding.fix is not None
    assert not finding.fix.unmet


@pytest.mark.parametrize(
    ("equation", "first", "second"),
    [
        ("bhqd,bhkd->bhqk", shape(64, 8, 1, 64), shape(64, 1, 256, 64)),
        ("bij,bjk->bik", shape(1, 64, 64), shape(4096, 64, 1)),
        ("bij,bj->bi", shape(1, 64, 64), shape(4096, 64)),
    ],
)
def test_a_measured_loss_of_broadcasting_leaves_the_call(
    equation: str, first: Shape, second: Shape
) -> None:
    granted = ("equal-sizes", "batch-sizes-equal", "not-slower")
    with shapes_of_names({"a": first, "b": second}):
        source = source_of(equation, "a, b")
        chosen = Settings(select=CODES, assume=granted, pedantic=True)
        assert fix(source, chosen, Applicability.UNSAFE).text == source.text
        assert not check(source, chosen).diagnostics


def test_what_was_not_measured_is_left_to_the_assumption() -> None:
    (wide,) = found("bij,bjk->bik", a=shape(1, 64, 64), b=shape(4096, 64, 8))
    (few,) = found("bij,bjk->bik", a=shape(1, 64, 64), b=shape(64, 64, 1))
    for finding in (wide, few):
        assert finding.fix is not None
        assert [each.name for each in finding.fix.unmet] == ["batch-sizes-equal"]
