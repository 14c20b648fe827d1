"""Functions of the file that add something to the scores they are given, and return the sum.

So does `add_decomposed_rel_pos(scores, q, ...)`: given zeros, it returns what it adds.
"""

import ast
from collections.abc import Iterator
from typing import Final

from einlint.source.helpers import function_of
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done
from einlint.source.terms import CALL, Term

# These keep the order of the elements, so that what is returned has the axes of the scores again.
_VIEWS: Final = frozenset({"view", "reshape", "contiguous"})
_SIZES: Final = frozenset({"shape", "ndim", "device", "dtype"})
_PLAIN = (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr)


def adds_to_scores(done: Done, read: Read) -> bool:
    """Whether a step is a call of such a function, with the scores as an argument by place."""
    term, node = done.term, read.recorder.nodes.get(done.term)
    if term.operator != CALL or term.is_method or not isinstance(node, ast.Call):
        return False
    is_open = any(isinstance(each, ast.Starred) for each in node.args)
    if is_open or len(term.operands) < 2 or not _is_given_once(done):
        return False
    function = function_of(node.func, read.file.bound)
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return False
    parameters = [*function.args.posonlyargs, *function.args.args]
    if done.place >= min(len(parameters), len(node.args)) or function.args.vararg:
        return False
    return _adds(function, parameters[done.place].arg)


def _is_given_once(done: Done) -> bool:
    given: Term = done.term.operands[done.place]
    return sum(each is given for each in done.term.operands) == 1


def _adds(function: ast.FunctionDef, name: str) -> bool:
    """Whether a function returns one of its parameters with something added, and reads it once."""
    sums = {name}
    for node in function.body:
        match node:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if _is_sum(value, sums):
                sums.add(target)
            case ast.Return(value=ast.expr() as value):
                return _is_sum(value, sums)
            case ast.Assign() | ast.Assert():
                if any(_read(node, sums)):
                    return False  # or it is bound to something else
            case _:
                return False
    return False


def _read(node: ast.AST, names: set[str]) -> Iterator[str]:
    """The names of these that a node reads, for more than their sizes."""
    pending = [node]
    while pending:
        each = pending.pop()
        match each:
            case ast.Attribute(value=ast.Name(id=name), attr=asked) if asked in _SIZES:
                continue
            case ast.Name(id=name) if name in names:
                yield name
        pending += ast.iter_child_nodes(each)


def _is_sum(node: ast.expr, sums: set[str]) -> bool:
    """Whether it is one of these names, viewed, with something added that reads none of them."""
    match node:
        case ast.Name(id=name):
            return name in sums
        case ast.Call(func=ast.Attribute(value=base, attr=name), args=args, keywords=[]):
            return name in _VIEWS and _is_sum(base, sums) and _is_free(args, sums)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pairs = ((left, right), (right, left))
            return any(_is_sum(one, sums) and _is_free([other], sums) for one, other in pairs)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _is_sum(left, sums) and _is_free([right], sums)
    return False


def _is_free(nodes: list[ast.expr], sums: set[str]) -> bool:
    return not any(any(_read(each, sums)) for each in nodes)
