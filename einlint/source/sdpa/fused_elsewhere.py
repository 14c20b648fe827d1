"""Code that has a fused attention already: a branch of its own, or a reference to test one."""

import ast
import re
from typing import Final

from einlint.source.finder import ParsedFile

_FUSED: Final = (
    r"scaled_dot_product_attention|flash_attn|flash_attention|memory_efficient_attention|"
    r"flex_attention|xformers|sdpa|sageattn"
)
_IS_FUSED: Final = re.compile(_FUSED, re.IGNORECASE)
_REFERENCE: Final = re.compile(r"(^|_)(ref|reference|naive)(_|$)", re.IGNORECASE)
_TEST_FILE: Final = re.compile(
    r"(^|[/\\])(tests?|benchmarks?)[/\\]|(^|[/\\])(test|bench|assert)_[^/\\]*$"
)
_IS_TEST: Final = re.compile(r"(^|[/\\])(test_[^/\\]*|[^/\\]*_test|conftest|naive|reference)\.py$")
_COMPARING: Final = re.compile(r"allclose|assert_close|assert_allclose|assert_almost_equal")


def is_spoken_for(function: ast.FunctionDef | ast.AsyncFunctionDef, parsed: ParsedFile) -> bool:
    """Whether the function or its class calls a fused attention, or is there to be compared."""
    text, is_test = parsed.source.text, _TEST_FILE.search(parsed.source.filename) is not None
    if _IS_TEST.search(parsed.source.filename) or _REFERENCE.search(function.name):
        return True
    if is_test and _COMPARING.search(text):
        return True
    if _IS_FUSED.search(text) is None:
        return False
    around: ast.AST = function
    for each in parsed.bound.around(function):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            around = each
    assert isinstance(around, ast.stmt)
    start, end = parsed.lines.extent(around)
    if _IS_FUSED.search(_code(text[start:end])) is not None:
        return True
    return is_test or _COMPARING.search(text) is not None


def _code(text: str) -> str:
    """The text without its comments."""
    return re.sub(r"#[^\n]*", "", text)
