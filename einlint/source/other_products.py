"""Products that only the reading of attention knows: of einops, of opt_einsum, and `mm`.

A star import of another module may bind the names of torch and its like again. What it binds is one
and the same, so an attention is found in spite of it.
"""

import ast
from typing import Final

from einlint.algebra.einops_pattern import equation_of
from einlint.algebra.equation import Equation, EquationError, parse
from einlint.source.binder import BoundModule
from einlint.source.scopes import ImportBinding

_EINOPS: Final = "einops.einsum"
_EQUATION_FIRST: Final = frozenset({"opt_einsum.contract", "torch.einsum"})
# What a name is that a file imports, whatever a star import of another of its files binds it to.
_ONE_AND_THE_SAME: Final = frozenset(
    {
        *("torch.nn", "torch.nn.functional", "numpy", "math", _EINOPS, *_EQUATION_FIRST),
        *("torch.nn.Softmax", "torch.nn.Dropout"),
    }
)
_MM: Final = parse("ij,jk->ik")


def path_in_spite_of_stars(node: ast.expr, bound: BoundModule) -> str | None:
    """The dotted name of what an import binds, and a star import may bind again."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    bindings = bound.scopes[node].lookup(node.id) if isinstance(node, ast.Name) else ()
    paths = {each.path if isinstance(each, ImportBinding) else None for each in bindings}
    match [*paths]:  # two imports of one module are one
        case [str(path)] if path in _ONE_AND_THE_SAME:
            return ".".join([path, *reversed(attributes)])
    return None


def other_product(node: ast.Call, path: str | None) -> tuple[Equation, list[ast.expr]] | None:
    """The equation and the operands of a call of one of these; None if it is none.

    path: the dotted name of what is called.
    """
    if node.keywords:
        return None
    equation, operands = None, other_operands(node, path)
    match node.args:
        case [*_, ast.Constant(value=str(text))] if path == _EINOPS:
            equation = equation_of(text)
        case [ast.Constant(value=str(text)), *_] if path in _EQUATION_FIRST:
            equation = _equation(text)
        case _ if path == "torch.mm" or (path is None and _is_method(node, "mm")):
            equation = _MM
    is_whole = equation is not None and len(equation.inputs) == len(operands)
    return (equation, operands) if equation is not None and is_whole else None


def other_operands(node: ast.Call, path: str | None) -> list[ast.expr]:
    """What such a call multiplies."""
    if path == _EINOPS:
        return node.args[:-1]
    if path in _EQUATION_FIRST:
        return node.args[1:]
    is_method = path is None and isinstance(node.func, ast.Attribute)
    owner = [node.func.value] if is_method and isinstance(node.func, ast.Attribute) else []
    return [*owner, *node.args]


def _is_method(node: ast.Call, name: str) -> bool:
    """Whether it calls a method of this name; a function of the file may be called so as well."""
    return isinstance(node.func, ast.Attribute) and node.func.attr == name


def _equation(text: str) -> Equation | None:
    try:
        return parse(text)
    except EquationError:
        return None
