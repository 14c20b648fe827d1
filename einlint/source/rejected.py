"""Forms of arguments that torch.einsum always rejects."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from einlint.source.callsite import Arguments
from einlint.source.equations import Equations

# Expressions that are never tensors, and what they are.
_NO_TENSORS: Final[dict[type[ast.expr], str]] = {
    ast.JoinedStr: "a string",
    ast.Dict: "a dict",
    ast.DictComp: "a dict",
    ast.Set: "a set",
    ast.SetComp: "a set",
    ast.GeneratorExp: "a generator",
    ast.Lambda: "a function",
}
_LISTS: Final[dict[type[ast.expr], str]] = {
    ast.List: "a list",
    ast.ListComp: "a list",
    ast.Tuple: "a tuple",
}


def rejected_arguments(call: ast.Call, equations: Equations) -> Arguments | None:
    """The arguments of a call that torch.einsum surely rejects; None if it may accept them."""
    reason = next(_rejections(call, equations), None)
    if reason is None:
        return None
    named = [keyword.value for keyword in call.keywords if keyword.arg == "equation"]
    texts = (text for each in (*call.args, *named) for text in equations.texts(each))
    return Arguments(next(filter(None, texts), None), rejection=reason)


def _rejections(call: ast.Call, equations: Equations) -> Iterator[str]:
    nodes = call.args
    first = nodes[0] if nodes else None
    has_equation = first is not None and bool(equations.texts(first))
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield f"it takes the equation and the operands, and no `{keyword.arg}=`"
    if has_equation or isinstance(first, ast.JoinedStr):
        yield from _of_operands(nodes[1:])
    if has_equation:
        return  # another rule compares the number of operands with the terms
    if len(nodes) < 2 and not isinstance(first, ast.Starred):
        yield "it takes an equation and at least one operand"
    for place, node in enumerate(nodes[1:], 1):
        # torch accepts an empty string as an empty list of subscripts.
        if any(equations.texts(node)) and _is_never_first(place, nodes):
            yield f"the equation comes first, and here it is argument {place + 1}"
    what = None if first is None else _no_tensor(first) or _LISTS.get(type(first))
    if what is not None and not isinstance(first, ast.JoinedStr):
        yield f"the equation comes first, and here argument 1 is {what}"


def _is_never_first(place: int, nodes: Sequence[ast.expr]) -> bool:
    """Whether argument number `place` follows a certain argument, or is the last one.

    Unpacked arguments are not certain: they may be empty.
    """
    is_behind = any(not isinstance(node, ast.Starred) for node in nodes[:place])
    return is_behind or place == len(nodes) - 1


def _of_operands(nodes: Sequence[ast.expr]) -> Iterator[str]:
    while len(nodes) == 1 and isinstance(nodes[0], (ast.List, ast.Tuple)):
        nodes = nodes[0].elts
    sure = sum(not isinstance(node, ast.Starred) for node in nodes)
    for number, node in enumerate(nodes, 1):
        what, several = _no_tensor(node), _LISTS.get(type(node))
        if what is not None:
            yield f"operand {number} is {what}, not a tensor"
        elif several is not None and sure > 1:
            yield f"operand {number} is {several}: pass all operands in one, or each by itself"


def _no_tensor(node: ast.expr) -> str | None:
    """What an expression surely is, if that is neither a tensor nor a list."""
    match node:
        case ast.Constant(value=str()):
            return "a string"
        case ast.Constant(value=bool() | int() | float() | complex()):
            return "a number"
        case ast.Constant(value=None):
            return "`None`"
    return _NO_TENSORS.get(type(node))
