"""The lines that a fix changes: all of them, and no other."""

import pytest

from einlint.diagnostics import Diagnostic, Edit, Fix, Severity
from einlint.output.fixed_lines import ChangedLines, fixed_lines
from einlint.source.lines import Text

TEXT = "one\ntwo two\nthree\n\nfive\n"


def changed(*edits: tuple[str, str], text: str = TEXT, is_shown: bool = True) -> list[ChangedLines]:
    """The changes of a fix that replaces the first occurrence of each text by another."""
    made = tuple(Edit(text.index(old), text.index(old) + len(old), new) for old, new in edits)
    found = Diagnostic("EIN105", "n", "m", Severity.INFO, "a.py", 0, 3, fix=Fix("Replace", made))
    return list(fixed_lines(found, Text(text, is_shown=is_shown)))


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((), []),
        ([("one", "ONE")], [ChangedLines(1, ("one",), ("ONE",))]),
        ([("one", "one")], []),
        ([("two two", "2\n2")], [ChangedLines(2, ("two two",), ("2", "2"))]),
        ([("two two", "two two\nmore")], [ChangedLines(3, (), ("more",))]),
        ([("three\n\nfive", "3")], [ChangedLines(3, ("three", "", "five"), ("3",))]),
        ([("two two\n", "")], [ChangedLines(2, ("two two",), ())]),
        ([("five\n", "")], [ChangedLines(5, ("five",), ())]),
        (
            [("five", "5"), ("one", "1")],
            [ChangedLines(1, ("one",), ("1",)), ChangedLines(5, ("five",), ("5",))],
        ),
        ([("one\ntwo", "1"), (" two", "+2")], [ChangedLines(1, ("one", "two two"), ("1+2",))]),
    ],
)
def test_lines(edits: list[tuple[str, str]], expected: list[ChangedLines]) -> None:
    assert changed(*edits) == expected


def test_ends_of_lines_of_other_systems() -> None:
    text = "a\r\nb b\r\nc\r\n"
    assert changed(("b b\r\n", ""), text=text) == [ChangedLines(2, ("b b",), ())]
    assert changed(("b b", "x"), text=text) == [ChangedLines(2, ("b b",), ("x",))]


def test_nothing_of_a_text_that_is_not_shown() -> None:
    assert changed(("one", "1"), is_shown=False) == []
