"""Code that handles the errors of calls: `try`, `with`, tests that expect an error."""

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.names import called_name, last_name
from einlint.source.reach import Reach
from einlint.source.scopes import ImportBinding, OpaqueBinding, ValueBinding

_Try: TypeAlias = ast.Try | ast.TryStar
_CAUGHT: Final = frozenset(
    {"RuntimeError", "ValueError", "IndexError", "Exception", "BaseException"}
)
# The exceptions of these modules do not include those of einsum.
_NARROWER: Final = frozenset({*sys.stdlib_module_names, "torch"}) - {"builtins"}
_EXPECTING: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_CATCHERS: Final = _EXPECTING | {"suppress"}
_OF_TESTS: Final = frozenset({"expectedFailure", "xfail"})
_CONTEXTS: Final = frozenset({"contextmanager", "asynccontextmanager"})
_STACKED: Final = frozenset({"enter_context", "enter_async_context", "push"})
_ENDING: Final = frozenset({"exit", "_exit", "quit", "abort", "fail"})
_LEAVING: Final = (ast.Return, ast.Break, ast.Continue)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# A name may stand for a name; a longer chain is a cycle.
_LONGEST_CHAIN: Final = 8


def where_errors_are_caught(bound: BoundModule) -> set[ast.AST]:
    """The nodes whose RuntimeError some code of the file handles.

    A handler that always raises or ends the program does not count: an error stays an error.
    Functions and objects of the file that a `try` calls count, with everything that they run.
    """
    reach = Reach(bound)
    reach.run(_caught_statements(bound))
    for call in bound.of_kind(ast.Call):
        if last_name(call.func) in _EXPECTING and _is_catching(call, bound):
            reach.hand((*call.args[1:], *(each.value for each in call.keywords)))
        elif any(each.arg == "return_exceptions" for each in call.keywords):
            reach.run(call.args)
    return reach.covered


def _caught_statements(bound: BoundModule) -> Iterator[ast.AST]:
    tries: list[_Try] = [*bound.of_kind(ast.Try), *bound.of_kind(ast.TryStar)]
    for tried in tries:
        yield from _caught_in_try(tried, bound)
    yield from _caught_in_contexts(bound)


def _caught_in_contexts(bound: BoundModule) -> Iterator[ast.AST]:
    context_managers = _context_managers(bound)

    def catches(context: ast.expr) -> bool:
        return _is_catching(context, bound) or called_name(context) in context_managers

    for node in bound.with_statements():
        if any(catches(item.context_expr) for item in node.items):
            yield from (*node.items, *node.body)
    for function in bound.functions():
        if any(called_name(each) in _OF_TESTS or catches(each) for each in function.decorator_list):
            yield from function.body
    for call in bound.calls_of(_STACKED):
        if any(map(catches, call.args)):
            yield from getattr(next(_functions_around(call, bound), bound.tree), "body", ())


def _caught_in_try(node: _Try, bound: BoundModule) -> Iterator[ast.stmt]:
    if any(_handles(each, bound) for each in node.handlers):
        yield from node.body
    if _leaves(node.finalbody):
        yield from (*node.body, *node.orelse)
        yield from (each for handler in node.handlers for each in handler.body)


def _handles(handler: ast.ExceptHandler, bound: BoundModule) -> bool:
    """Whether a handler catches the errors of einsum and does not always raise."""
    is_passed_on = _always_raises(handler.body) and not _leaves(handler.body)
    return _catches(handler.type, bound) and not is_passed_on


def _always_raises(body: list[ast.stmt]) -> bool:
    """Whether the block raises or ends the program if it runs to its end."""
    pending = [body]
    while pending:
        match pending.pop()[-1:]:
            case [ast.Raise()]:
                pass
            case [ast.Expr(value=ast.Call(func=function))] if last_name(function) in _ENDING:
                pass
            case [ast.If(body=one, orelse=other)]:
                pending += (one, other)
            case [ast.With(body=inner) | ast.AsyncWith(body=inner)]:
                pending.append(inner)
            case _:
                return False
    return True


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether the block contains a `return`, `break` or `continue` of the same function.

    A `break` of a loop inside of the block counts too: that is rare, and makes fixes unsafe, not
    wrong.
    """
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, _LEAVING):
            return True
        if isinstance(node, (ast.expr, *_FUNCTIONS, ast.ClassDef)):
            continue
        pending += ast.iter_child_nodes(node)
    return False


def _is_catching(node: ast.expr, bound: BoundModule) -> bool:
    """Whether it is a call such as `suppress(RuntimeError)` or `raises(E, ...)`."""
    if not isinstance(node, ast.Call) or last_name(node.func) not in _CATCHERS:
        return False
    named = [each.value for each in node.keywords if (each.arg or "").endswith("exception")]
    kinds = node.args if last_name(node.func) == "suppress" else [*node.args[:1], *named]
    return not kinds or any(_catches(each, bound) for each in kinds)


def _catches(kind: ast.expr | None, bound: BoundModule, depth: int = 0) -> bool:
    """Whether a handler of this kind may catch a RuntimeError; an unknown kind may.

    Classes of the standard library and of torch that are not in `_CAUGHT` do not.
    """
    if depth > _LONGEST_CHAIN:
        return True
    match kind:
        case ast.Tuple(elts=kinds) | ast.List(elts=kinds):
            return _any_catches(kinds, bound, depth)
        case ast.Starred(value=value):
            return _catches(value, bound, depth + 1)
        case ast.BinOp(left=left, right=right):
            return _any_catches((left, right), bound, depth)
        case ast.Name(id=name):
            return _name_catches(kind, name, bound, depth)
        case ast.Attribute(attr=name):
            path = dotted_path(kind, bound.scopes[kind]) or ""
            return _path_catches(path, name)
    return True


def _any_catches(kinds: Iterable[ast.expr], bound: BoundModule, depth: int) -> bool:
    return any(_catches(each, bound, depth + 1) for each in kinds)


def _name_catches(node: ast.Name, name: str, bound: BoundModule, depth: int) -> bool:
    bindings = bound.scopes[node].lookup(name)
    for binding in bindings:
        match binding:
            case ImportBinding(path=path) if not _path_catches(path, path.rpartition(".")[2]):
                continue
            case ValueBinding(value=value) if not _catches(value, bound, depth + 1):
                continue
            case OpaqueBinding(node=ast.ClassDef(bases=bases)):
                # A subclass of RuntimeError does not catch it, but code may convert errors to it.
                if not any(last_name(base) == "RuntimeError" for base in bases):
                    continue
        return True
    return not bindings and (name in _CAUGHT or not hasattr(builtins, name))


def _path_catches(path: str, name: str) -> bool:
    if name in _CAUGHT:
        return True
    is_builtin = isinstance(getattr(builtins, name, None), type)
    return not is_builtin and path.partition(".")[0] not in _NARROWER


def _context_managers(bound: BoundModule) -> set[str]:
    """The names of context managers of the file that may suppress errors."""
    names: set[str] = set()
    for each in bound.of_kind(ast.ClassDef):
        is_derived = any(last_name(base) in names for base in each.bases)
        if is_derived or any(_suppresses(method) for method in each.body):
            names.add(each.name)
    for node in bound.of_kind(ast.Yield):
        function = next(_functions_around(node, bound), None)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            is_context = any(called_name(each) in _CONTEXTS for each in function.decorator_list)
            if is_context and _is_tried(node, bound):
                names.add(function.name)
    held = {
        target.id
        for each in bound.of_kind(ast.Assign)
        if isinstance(each.value, ast.Call) and called_name(each.value) in names
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    return names | held


def _suppresses(method: ast.stmt) -> bool:
    """Whether it is an `__exit__` that may return something true."""
    if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return method.name in {"__exit__", "__aexit__"} and any(
        isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and not node.value.value)
        for node in ast.walk(method)
    )


def _is_tried(node: ast.AST, bound: BoundModule) -> bool:
    """Whether a `try` of the same function handles the errors of the node."""
    while (parent := bound.parents.get(node)) is not None and not isinstance(node, _FUNCTIONS):
        if isinstance(parent, (ast.Try, ast.TryStar)) and node in set(
            _caught_in_try(parent, bound)
        ):
            return True
        node = parent
    return False


def _functions_around(node: ast.AST, bound: BoundModule) -> Iterator[ast.AST]:
    """The functions around the node, from the inside."""
    return (each for each in bound.around(node) if isinstance(each, _FUNCTIONS))
