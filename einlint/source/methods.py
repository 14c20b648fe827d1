"""The class whose method a piece of code stands in, by the name of the method's first parameter."""

import ast

from einlint.source.binder import BoundModule
from einlint.source.names import called_name
from einlint.source.scopes import OpaqueBinding


def class_of_self(node: ast.Name, bound: BoundModule) -> ast.ClassDef | None:
    """The class that `self`, or `cls`, stands for; None for any other name."""
    match bound.scopes[node].lookup(node.id):
        case [OpaqueBinding(node=ast.arg() as parameter)]:
            return _class_of_parameter(parameter, node, bound)
    return None


def _class_of_parameter(
    parameter: ast.arg, inside: ast.AST, bound: BoundModule
) -> ast.ClassDef | None:
    """The class if this is the first parameter of one of its methods around `inside`."""
    for each in bound.around(inside):
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = [*each.args.posonlyargs, *each.args.args][:1]
        is_static = any(called_name(name) == "staticmethod" for name in each.decorator_list)
        parent = bound.parents[each]
        if first == [parameter] and not is_static and isinstance(parent, ast.ClassDef):
            return parent
    return None
