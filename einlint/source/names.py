"""The last name of an expression, and the values that a call is given."""

import ast


def last_name(node: ast.expr | None) -> str:
    """`c` for `c` and for `a.b.c`; empty for what is neither a name nor an attribute."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def called_name(node: ast.expr) -> str:
    """The last name of an expression, or of the function it calls: `c` for `a.b.c(1)(2)`."""
    while isinstance(node, ast.Call):
        node = node.func
    return last_name(node)


def given_values(call: ast.Call) -> list[ast.expr]:
    """The values of all arguments, positional ones first."""
    return [*call.args, *(each.value for each in call.keywords)]
