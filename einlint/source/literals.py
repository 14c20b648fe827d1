"""Literal strings and sublists, in all their spellings."""

import ast
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Final, TypeAlias

from einlint.source.scopes import Binding, Scope, ScopeKind, ValueBinding

Constants: TypeAlias = Callable[[ast.Attribute], ValueBinding | None]
"""The one value that an attribute has for good; None if that is not sure."""

_DEEPEST: Final = 50
# Names count more: with `a = b + b`, every name doubles the work.
_NAME_DEPTH: Final = 10


def literal_string(node: ast.expr, scope: Scope) -> str | None:
    """The text of a string that is known without running the code; None if there may be two."""
    texts = literal_strings(node, scope)
    return texts[0] if len(texts) == 1 else None


def literal_strings(
    node: ast.expr, scope: Scope, constant: Constants = lambda _: None, depth: int = 0
) -> tuple[str, ...]:
    """Every text that a string may have, known without running the code; none if not all are.

    A literal (implicit concatenation included), an f-string without placeholders, a sum of
    those, a choice between two, an attribute that `constant` knows, or a name of which every
    assignment is one of these.
    """
    if depth > _DEEPEST:
        return ()
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.JoinedStr(values=parts):
            return _joined([literal_strings(each, scope, constant, depth + 1) for each in parts])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            sides = (left, right)
            return _joined([literal_strings(each, scope, constant, depth + 1) for each in sides])
        case ast.IfExp(body=body, orelse=other):
            return _either(
                [literal_strings(each, scope, constant, depth + 1) for each in (body, other)]
            )
        case ast.Name(id=name):
            owner = scope.owner(name)
            if owner is None or owner.star_imports or _may_be_another(name, owner):
                return ()
            return _assigned(scope.lookup(name), constant, depth)
        case ast.Attribute():
            bound = constant(node)
            return () if bound is None else _assigned([bound], constant, depth)
    return ()


def sublist(node: ast.expr) -> tuple[int | EllipsisType, ...] | None:
    """The subscripts in a list or tuple display such as `[0, ..., -1]`; None for other nodes."""
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    subscripts: list[int | EllipsisType] = []
    for element in node.elts:
        match element:
            case ast.Constant(value=bool()):
                return None
            case ast.Constant(value=int() | EllipsisType() as value):
                subscripts.append(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
                subscripts.append(-value)
            case _:
                return None
    return tuple(subscripts)


def holds_a_list(node: ast.expr, scope: Scope) -> bool:
    """Whether an operand is visibly a list or tuple: all operands in one argument."""
    found, names = _holds_a_list(node, scope)
    # If there is one, only the first name is sure to lead to it.
    for name, owner in names[: isinstance(node, ast.Name)] if found else names:
        owner.hold_lists[name] = found
    return found


def _holds_a_list(node: ast.expr, scope: Scope) -> tuple[bool, list[tuple[str, Scope]]]:
    """The same, and the names that were looked up for it; those that are known are not again."""
    pending = [(node, scope)]
    seen: dict[tuple[str, Scope], None] = {}
    while pending:
        current, where = pending.pop()
        match current:
            case ast.List() | ast.Tuple() | ast.ListComp() | ast.GeneratorExp():
                return True, list(seen)
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "map" | "zip")):
                return True, list(seen)
            case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                pending += [(one, where), (other, where)]
            case ast.Name(id=name):
                owner = where.owner(name)
                if owner is None or (name, owner) in seen:
                    continue  # `x = x + y` refers to itself
                if owner.hold_lists.get(name):
                    return True, list(seen)
                if name not in owner.hold_lists:
                    seen[name, owner] = None
                    values = (each for each in where.lookup(name) if isinstance(each, ValueBinding))
                    pending += [(each.value, each.scope) for each in values]
    return False, list(seen)


def is_mangled(name: str) -> bool:
    """Whether it is another name in a class: `__eq` is `_Class__eq` there."""
    return name.startswith("__") and not name.endswith("__")


def _may_be_another(name: str, owner: Scope) -> bool:
    """Whether a name of a module or class may be bound where only a run tells."""
    is_local = owner.kind in {ScopeKind.FUNCTION, ScopeKind.COMPREHENSION}
    return not is_local and (owner.module().is_open or is_mangled(name))


def _assigned(bindings: Sequence[Binding], constant: Constants, depth: int) -> tuple[str, ...]:
    """The texts of all bindings; of many, the values are not followed as far."""
    deeper = depth + _NAME_DEPTH * len(bindings)
    return _either(
        [
            literal_strings(each.value, each.scope, constant, deeper)
            if isinstance(each, ValueBinding)
            else ()
            for each in bindings
        ]
    )


def _either(choices: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The texts of all choices, if those of each are known."""
    if not all(choices):
        return ()
    return tuple(dict.fromkeys(text for texts in choices for text in texts))


def _joined(parts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The one text of parts that have one text each."""
    texts = [texts[0] for texts in parts if len(texts) == 1]
    return ("".join(texts),) if len(texts) == len(parts) else ()
