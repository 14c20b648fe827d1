"""Code that has a fused attention already: a branch of its own, or a reference to test one."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from einlint.source.binder import Function
from einlint.source.finder import ParsedFile

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


_SOFTMAX: Final = "oftmax"


@dataclass(frozen=True, slots=True)
class FusedElsewhere:
    """Where a file calls a fused attention, and whether it is there to be compared with one.

    places: where the names of such functions are, by line and column.
    is_test: all attention of the file is there to test something.
    is_compared: it is, if the file has a fused one.
    """

    places: tuple[tuple[int, int], ...]
    is_test: bool
    is_compared: bool

    @classmethod
    def of(cls, parsed: ParsedFile) -> "FusedElsewhere":
        """What a file shows."""
        text, name = parsed.source.text, parsed.source.filename
        lowered = text.lower()
        is_named = any(each in lowered for each in _FUSED)
        places = tuple(sorted(_places(parsed))) if is_named else ()
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
        at = bisect_left(self.places, (around.lineno, 0))
        end = around.end_lineno or around.lineno
        return self.is_compared or (at < len(self.places) and self.places[at][0] <= end)


def _places(parsed: ParsedFile) -> Iterator[tuple[int, int]]:
    """Where code names a fused attention; a function that computes it by hand may be called so."""
    own = {*_by_hand(parsed)}
    for node, name in _names(parsed):
        if _is_fused(name) and not _is_own(node, own):
            yield node.lineno, node.col_offset


def _is_fused(name: str) -> bool:
    lowered = name.lower()
    return any(each in lowered for each in _FUSED)


def _by_hand(parsed: ParsedFile) -> Iterator[str]:
    """The functions and classes of the file that are called so and take a softmax themselves."""
    lines = parsed.lines
    for node in (*parsed.bound.functions(), *parsed.bound.of_kind(ast.ClassDef)):
        if _is_fused(node.name):
            start, end = lines.extent(node)
            if _SOFTMAX in lines.text[start:end]:
                yield node.name


def _names(parsed: ParsedFile) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Whatever names something: names, attributes, imports, and strings that may be keys."""
    of_kind = parsed.bound.of_kind
    yield from ((each, each.id) for each in of_kind(ast.Name))
    yield from ((each, each.attr) for each in of_kind(ast.Attribute))
    for plain in of_kind(ast.Import):
        yield from ((plain, each.name) for each in plain.names)
    for node in of_kind(ast.ImportFrom):
        yield from ((node, f"{node.module}.{each.name}") for each in node.names)
    for constant in of_kind(ast.Constant):
        is_key = isinstance(constant.value, str) and " " not in constant.value
        if is_key and not isinstance(parsed.bound.parents[constant], ast.Expr):
            yield constant, str(constant.value)
    for call in of_kind(ast.Call):
        yield from ((each.value, each.arg or "") for each in call.keywords)


def _is_own(node: ast.AST, own: set[str]) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            return name in own
    return False
