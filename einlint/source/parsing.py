"""Parse Python without its warnings, such as those of invalid escapes: not ours to tell."""

import ast
import warnings


def module_of(text: str) -> ast.Module:
    """The tree of a file; see `ast.parse` for what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def expression_of(text: str) -> ast.expr:
    """The tree of an expression, in parentheses where it takes several lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body
