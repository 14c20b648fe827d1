"""Find the literal torch.einsum calls of a file with `ast` alone, independent of einlint.

It follows imports (`import torch`, `import torch as th`, `from torch import einsum as e`) but not
scopes: a name that an import binds anywhere in the file counts in the whole file.
"""

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

_NEWLINE = re.compile(r"\r\n|\r|\n")
_MODULES = ("torch", "torch.functional")


@dataclass(frozen=True, slots=True)
class Call:
    """A call with a literal equation; row and column are 1-based, in characters."""

    row: int
    column: int
    equation: str


def torch_calls(data: bytes) -> list[Call]:
    """The calls in the bytes of a file.

    Raises:
        SyntaxError, ValueError: Python cannot read the file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    rows = _NEWLINE.split(data.decode(encoding))
    modules, functions = _names(tree)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [
        Call(node.lineno, _column(rows, node), equation)
        for node in calls
        if _is_einsum(node.func, modules, functions)
        for equation in _literal(node)
    ]


def _names(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The names that imports bind to a module with einsum in it, and to einsum itself."""
    modules: set[str] = set()
    functions: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {each.asname or "torch" for each in node.names if _is_module(each)}
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES and not node.level:
            functions |= {each.asname or each.name for each in node.names if each.name == "einsum"}
    return modules, functions


def _is_module(alias: ast.alias) -> bool:
    """`import torch.nn` binds `torch`; `import torch.nn as nn` does not."""
    plain = alias.asname is None and alias.name.split(".")[0] == "torch"
    return plain or alias.name in _MODULES


def _is_einsum(function: ast.expr, modules: set[str], functions: set[str]) -> bool:
    match function:
        case ast.Name(id=name):
            return name in functions
        case ast.Attribute(value=ast.Name(id=name), attr="einsum"):
            return name in modules
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr="functional")):
            return name in modules and function.attr == "einsum"
    return False


def _literal(call: ast.Call) -> list[str]:
    match call.args:
        case [ast.Constant(value=str(equation)), *_]:
            return [equation]
    return []


def _column(rows: list[str], node: ast.Call) -> int:
    """`ast` counts bytes of UTF-8."""
    return len(rows[node.lineno - 1].encode()[: node.col_offset].decode(errors="replace")) + 1
