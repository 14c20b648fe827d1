"""What messages call an operand."""

import pytest

from einlint.algebra.operand_names import called, letters


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (("q", "k"), ("operand `q`", "operand `k`")),
        (("x", "x"), ("operand 1", "operand 2")),
        (("q" * 40, "k" * 41), (f"operand `{'q' * 40}`", "operand 2")),
        (("a\n.T", "b"), ("operand 1", "operand `b`")),
        ((), ("operand 1", "operand 2")),
        (("only",), ("operand 1", "operand 2")),
    ],
    ids=["names", "twice", "long", "lines", "unknown", "miscounted"],
)
def test_a_name_stands_for_one_operand_and_fits_a_line(
    texts: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert called(texts, 2) == names


def test_letters_as_far_as_they_reach() -> None:
    assert letters(3) == ("a", "b", "c")
    assert len(letters(26)) == 26
    assert letters(27) == ()
