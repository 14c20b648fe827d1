"""Code that has a fused attention already: a branch of its own, or a reference to test one."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from einlint.source.binder import BoundModule, Function
from einlint.source.file import SourceFile
from einlint.source.finder import ParsedFile
from einlint.source.scopes import ScopeKind, ValueBinding

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
# What replaces patterns in graphs: attention by hand is such a pattern.
_MATCHING: Final = re.compile(r"pattern_match|replace_pattern|register_replacement|SubgraphMatch")
_SOFTMAX: Final = "oftmax"


@dataclass(slots=True, eq=False)
class FusedElsewhere:
    """Whether a file calls a fused attention, and whether it is there to be compared with one.

    is_test: all attention of the file is there to test something.
    is_compared: its text names a fused one, and it tests or compares something, or matches graphs.
    """

    parsed: ParsedFile
    is_test: bool
    is_compared: bool
    _found: tuple[tuple[int, int], ...] | None = None

    @classmethod
    def of(cls, parsed: ParsedFile) -> "FusedElsewhere":
        """What a file shows."""
        return cls(parsed, *tests_and_compares(parsed.source))

    def speaks_for(self, function: Function) -> bool:
        """Whether the function or its class calls a fused one, or is there to be compared."""
        if self.is_test or _REFERENCE.search(function.name):
            return True
        if function.name.startswith("test_") and self._compares(function):
            return True
        if self.is_compared:
            return bool(self._places())
        around: ast.stmt = function
        for each in self.parsed.bound.around(function):
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                around = each
        start, stop = self.parsed.lines.extent(around)
        if not _is_fused(self.parsed.source.text[start:stop]):
            return False
        places = self._places()
        at = bisect_left(places, (around.lineno, 0))
        end = around.end_lineno or around.lineno
        return at < len(places) and places[at][0] <= end

    def _compares(self, function: Function) -> bool:
        start, stop = self.parsed.lines.extent(function)
        return _COMPARING.search(self.parsed.source.text[start:stop]) is not None

    def _places(self) -> tuple[tuple[int, int], ...]:
        """Where the names of such functions are, by line and column."""
        if self._found is None:
            self._found = tuple(sorted(_places(self.parsed)))
        return self._found


def tests_and_compares(source: SourceFile) -> tuple[bool, bool]:
    """Whether all attention of a file is there to test something, or to be compared.

    That is told by its text and its name: see `FusedElsewhere`.
    """
    text, name = source.text, source.filename
    in_tests, is_named = _TEST_FILE.search(name) is not None, _is_fused(text)
    compares = (in_tests or is_named) and _COMPARING.search(text) is not None
    is_test = _IS_TEST.search(name) is not None or (in_tests and compares)
    is_matched = is_named and _MATCHING.search(text) is not None
    return is_test, is_named and (in_tests or compares or is_matched)


def _places(parsed: ParsedFile) -> Iterator[tuple[int, int]]:
    """Where code names a fused attention.

    A function that computes it by hand may be called so, and a variable that holds the result.
    """
    own = {*_by_hand(parsed)}
    owners = {"self", "cls", *(each.name for each in parsed.bound.of_kind(ast.ClassDef))}
    for node, name in _names(parsed):
        if (
            _is_fused(name)
            and not _is_own(node, own, owners)
            and not _is_variable(node, parsed.bound)
        ):
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


def _is_own(node: ast.AST, own: set[str], owners: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in own
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return name in own and owner in owners
    return False


def _is_variable(node: ast.AST, bound: BoundModule) -> bool:
    """Whether it holds a result: a local name that nobody calls, and no flag.

    What it is given has names of its own.
    """
    if not isinstance(node, ast.Name):
        return False
    owner = bound.scopes[node].owner(node.id)
    parent = bound.parents[node]
    is_called = isinstance(parent, ast.Call) and parent.func is node
    if owner is None or owner.kind is not ScopeKind.FUNCTION or is_called:
        return False
    return all(
        isinstance(each, ValueBinding) and isinstance(each.value, ast.Call | ast.BinOp)
        for each in owner.bindings[node.id]
    )
