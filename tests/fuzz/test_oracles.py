"""That the oracles see faults, and that the grammar makes what they can judge."""

import ast
import itertools
from collections.abc import Iterable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import strategies as st

from einlint.diagnostics import Edit
from einlint.linting import engine
from einlint.linting.fixes import spliced
from tests.cli.run import SOURCE
from tests.fuzz.fuzzer import Fuzzer, HangError, in_time
from tests.fuzz.oracles import check_script, parsed
from tests.fuzz.sources import texts


def loses_the_next_byte(text: str, edits: Iterable[Edit]) -> str:
    return spliced(text, [Edit(each.start, each.end + 1, each.content) for each in edits])


def adds_a_comment(text: str, edits: Iterable[Edit]) -> str:
    return spliced(text, edits) + "# a\n"


@pytest.mark.parametrize("fault", [loses_the_next_byte, adds_a_comment])
def test_a_byte_outside_of_edits_is_seen(fault: object) -> None:
    check_script(SOURCE.encode())
    with patch.object(engine, "spliced", fault), pytest.raises(AssertionError):
        check_script(SOURCE.encode())


def test_an_edit_elsewhere_is_seen() -> None:
    edits_of = engine._edits

    def moved(*given: Any) -> tuple[Edit, ...]:
        return (Edit(0, 1, "y"), *edits_of(*given))

    text = f"x = 1\n{SOURCE}"
    with patch.object(engine, "_edits", moved), pytest.raises(AssertionError, match="in no call"):
        check_script(text.encode())


def test_a_hang_is_seen() -> None:
    with pytest.raises(HangError), in_time(0.05):
        for _ in itertools.repeat(0):
            pass


def test_an_exception_is_seen() -> None:
    def check(value: int) -> None:
        assert value < 5

    with pytest.raises(AssertionError):
        Fuzzer(5.0, 0).run(1.0, st.integers(0, 9), check)


def test_most_of_what_the_grammar_makes_is_python_with_fixes() -> None:
    seen: list[bool] = []

    def count(text: str) -> None:
        try:
            tree = parsed(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            seen.append(False)
        else:
            seen.append(any(isinstance(each, ast.Call) for each in ast.walk(tree)))

    Fuzzer(0.0, 1).run(1.0, texts(), count)
    assert sum(seen) > len(seen) / 2
