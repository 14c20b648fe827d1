"""Code that has a fused attention already: a branch of its own, or a reference to test one."""

import ast
import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from einlint.source.binder import Function
from einlint.source.finder import ParsedFile
from einlint.source.lines import LineIndex

# In lower case.
_FUSED: Final = (
    *("scaled_dot_product_attention", "flash_attn", "flash_attention", "flex_attention"),
    *("memory_efficient_attention", "xformers", "sdpa", "sageattn"),
)
_REFERENCE: Final = re.compile(r"(^|_)(ref|reference|naive)(_|$)", re.IGNORECASE)
_TEST_FILE: Final = re.compile(
    r"(^|[/\\])(tests?|benchmarks?)[/\\]|(^|[/\\])(test|bench|assert)_[^/\\]*$"
)
_IS_TEST: Final = re.compile(r"(^|[/\\])(test_[^/\\]*|[^/\\]*_test|conftest|naive|reference)\.py$")
_COMPARING: Final = re.compile(r"allclose|assert_close|assert_allclose|assert_almost_equal")


@dataclass(frozen=True, slots=True)
class FusedElsewhere:
    """Where a file calls a fused attention, and whether it is there to be compared with one.

    places: the offsets of the names of such functions, outside of comments.
    is_test: all attention of the file is there to test something.
    is_compared: it is, if the file has a fused one.
    """

    places: tuple[int, ...]
    is_test: bool
    is_compared: bool

    @classmethod
    def of(cls, parsed: ParsedFile) -> "FusedElsewhere":
        """What a file shows."""
        text, name = parsed.source.text, parsed.source.filename
        places = tuple(each for each in _places(text) if not _is_in_comment(each, parsed.lines))
        in_tests, compares = _TEST_FILE.search(name), _COMPARING.search(text)
        is_test = _IS_TEST.search(name) is not None or (in_tests and compares) is not None
        return cls(places, is_test, (in_tests or compares) is not None)

    def speaks_for(self, function: Function, parsed: ParsedFile) -> bool:
        """Whether the function or its class calls a fused one, or is there to be compared."""
        if self.is_test or _REFERENCE.search(function.name):
            return True
        if not self.places:
            return False
        around: ast.stmt = function
        for each in parsed.bound.around(function):
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                around = each
        start, end = parsed.lines.extent(around)
        at = bisect_left(self.places, start)
        return self.is_compared or (at < len(self.places) and self.places[at] < end)


def _places(text: str) -> list[int]:
    """Where the names start; a search for one word after the other is fast, for all it is not."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters are two in lower case
        lowered = "".join(each if len(each.lower()) > 1 else each.lower() for each in text)
    found: set[int] = set()
    for name in _FUSED:
        at = lowered.find(name)
        while at >= 0:
            found.add(at)
            at = lowered.find(name, at + 1)
    return sorted(found)


def _is_in_comment(offset: int, lines: LineIndex) -> bool:
    """Whether a hash stands before it on its line."""
    return "#" in lines.text[lines.starts[lines.line_number(offset) - 1] : offset]
