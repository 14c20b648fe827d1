"""The last name of a dotted expression."""

import ast


def last_name(node: ast.expr | None) -> str:
    """`c` for `c` and for `a.b.c`; empty for what is neither a name nor an attribute."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
