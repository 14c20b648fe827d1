"""Terms that are Python numbers, as far as anybody can tell who reads them; never tensors."""

import ast
from typing import Final

from einlint.source.terms import Free, Kind, Term

_ARITHMETIC: Final = frozenset({"add", "sub", "mul", "div", "pow", "floor_divide", "neg"})


def is_scalar(term: Term) -> bool:
    """Whether it is a number: a literal, a size, of `math`, or computed from such.

    What `__init__` computes from its parameters, as `dim_head**-0.5`, counts as well: they are the
    settings of a module. A parameter itself may be anything.
    """
    if term.operator in _ARITHMETIC:
        return all(is_scalar(each) or _is_setting(each) for each in term.operands)
    match term.operator:
        case "constant":
            return isinstance(term.detail, int | float) and not isinstance(term.detail, bool)
        case "size" | "math":
            return True
        case "choice":
            return all(map(is_scalar, term.operands[1:]))
        case "free":
            return isinstance(term.detail, Free) and term.detail.kind is Kind.INTEGER
    return False


def _is_setting(term: Term) -> bool:
    """Whether it is a parameter of `__init__`."""
    function = term.detail.group if isinstance(term.detail, Free) else None
    return isinstance(function, ast.FunctionDef) and function.name == "__init__"
