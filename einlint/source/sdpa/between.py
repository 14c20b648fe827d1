"""What is done between the two products; the one call stands at the second, and comes behind it."""

import ast
import builtins
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from einlint.source.autocast import is_autocast
from einlint.source.helpers import function_of
from einlint.source.methods import class_of_self
from einlint.source.names import given_values, last_name
from einlint.source.operators import operator_of
from einlint.source.sdpa.axes import VIEWS
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.of_scores.besides import Moved, is_besides, is_read_behind
from einlint.source.sdpa.reading import Read, writes
from einlint.source.sdpa.values import is_number
from einlint.source.terms import ATTRIBUTE, CHOICE, ITEM, LAYER, PRODUCT, Term

Position: TypeAlias = tuple[int, int]
_Node = TypeVar("_Node", bound=ast.stmt | ast.expr)
_MOST_VIEWS: Final = 12
_OWN: Final = (
    "view reshape unsqueeze squeeze expand flatten unflatten contiguous to float unbind chunk "
    "split rearrange detach bool type half"
)
# What shares the memory of its first operand, or may do so.
_SHARING: Final = frozenset({*VIEWS, ITEM, ATTRIBUTE, *_OWN.split()})
_PURE: Final = ("torch.", "math.", "numpy.", "einops.", "typing.")
# What functions of other files that are called so only ask, or choose.
_BY_NAME: Final = frozenset({"exists", "default"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def obstacles_between(matched: Matched, moved: Moved, read: Read) -> Iterator[str]:
    """Why the first product cannot be computed where the second one is.

    moved: what the call reads, and the code by hand reads earlier.
    """
    recorder = read.recorder
    one, other = (recorder.nodes.get(each) for each in (matched.scores.base, matched.product))
    # Two branches may have a product each.
    ways = (e for e in matched.scores.branches if e.operator == PRODUCT and e in recorder.nodes)
    start = min([_start(one), *(_start(recorder.nodes[each]) for each in ways)])
    end = _start(other)
    is_blocked = one is not None and not all(
        is_besides(each, moved, matched, read) for each in _between(read.writes, start, end)
    )
    if is_blocked:
        yield "something is changed between the two products"
    inside = {*matched.terms}
    for changes in _changes(read, start[0], end[0]):
        node = recorder.nodes.get(changes)
        is_harmless = changes in inside or is_read_behind(changes, node, moved, read)
        if not is_harmless and not is_blocked:
            yield "something is changed in place between the two products"
    if any(map(_is_without_gradient, _withs(matched, read))):
        yield "a part of it is computed without gradients"
    if one is not None and not is_blocked:
        own = {recorder.nodes.get(each) for each in inside}
        shared = {each for term, _ in moved for each in _sharing(term)}
        written = _named_in((one, *own), read)
        for call in (each for each in _between(read.calls, start, end) if each not in own):
            given = {inner for each in _given(call, read) for inner in _sharing(each)}
            is_read = not shared.isdisjoint(given) or _is_named_besides(given, written, call)
            if _is_changing_self(call, read) or (is_read and _may_change(call, read)):
                yield f"`{last_name(call.func)}` may change what is read between the two products"


def _named_in(nodes: Iterable[ast.AST | None], read: Read) -> dict[Term, set[ast.AST]]:
    """The names in some nodes, such as `x` in `x * 2 @ y`, by their values."""
    found: dict[Term, set[ast.AST]] = {}
    seen: set[ast.AST] = set()
    pending = [each for each in nodes if each is not None]
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        pending += ast.iter_child_nodes(node)
        term = read.recorder.names.get(node) if isinstance(node, ast.Name) else None
        if term is not None:
            found.setdefault(term, set()).add(node)
    return found


def _is_named_besides(
    given: set[Term], written: Mapping[Term, set[ast.AST]], call: ast.Call
) -> bool:
    """Whether the steps name what a call is given, besides in that call: the fix may read it late.

    written: the names in the steps, by their values.
    """
    named = given & written.keys()
    inside = {*ast.walk(call)} if named else set()
    return any(not written[each] <= inside for each in named)


def _start(node: ast.AST | None) -> Position:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _changes(read: Read, start: int, end: int) -> Iterator[Term]:
    for term, results in read.recorder.changed.items():
        for each in results:
            is_between = start <= each.line <= end and each.operator != "aliased"
            if is_between and not is_number(term) and term.operator != LAYER:
                yield each


# ---- `with` statements


def _withs(matched: Matched, read: Read) -> Iterator[ast.With | ast.AsyncWith]:
    """Those around a part of the chain that are not around the second product."""
    homes = read.recorder.homes
    product = homes.get(matched.product)
    around = set() if product is None else {*read.file.bound.around(product)}
    for home in dict.fromkeys(homes[each] for each in matched.terms if each in homes):
        for node in read.file.bound.around(home):
            if node in around:
                break
            if isinstance(node, ast.With | ast.AsyncWith):
                yield node


def casting_aside(matched: Matched, read: Read) -> Iterator[ast.With]:
    """The `with autocast(...)` around a part of the chain that the second product is not in."""
    for node in _withs(matched, read):
        if isinstance(node, ast.With) and all(map(is_autocast, node.items)):
            yield node


def _is_without_gradient(node: ast.With | ast.AsyncWith) -> bool:
    called = (each.context_expr for each in node.items)
    names = (last_name(each.func) for each in called if isinstance(each, ast.Call))
    return any("grad" in each or "inference" in each for each in names)


# ---- calls that may change what they are given


def _between(nodes: Sequence[_Node], start: Position, end: Position) -> Iterator[_Node]:
    """Those of nodes in the order of their ends that end there."""
    at = bisect_left(nodes, start, key=_end)
    while at < len(nodes) and _end(nodes[at]) < end:
        yield nodes[at]
        at += 1


def _end(node: ast.stmt | ast.expr) -> Position:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _given(call: ast.Call, read: Read) -> Iterator[Term]:
    """The values of the names that a call is given, as they are or viewed."""
    for node in given_values(call):
        while True:
            match node:
                case ast.Subscript(value=inner) | ast.Starred(value=inner):
                    node = inner
                case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _SHARING:
                    node = inner
                case _:
                    break
        term = read.recorder.names.get(node) if isinstance(node, ast.Name) else None
        if term is not None:
            yield term


def _sharing(term: Term) -> set[Term]:
    """A value, and those that may lie in the same memory."""
    found: set[Term] = set()
    pending = [term]
    while pending and len(found) < _MOST_VIEWS:
        each = pending.pop()
        found.add(each)
        if each.operator == CHOICE:
            pending += each.operands[1:]
        elif each.operator in _SHARING:
            pending += each.operands[:1]
    return found


def _may_change(call: ast.Call, read: Read) -> bool:
    """Whether a call may change what it is given, besides what the reading of terms follows."""
    recorder, called = read.recorder, call.func
    path = recorder.path(called)
    if path is not None:
        return not path.startswith(_PURE) and path.rpartition(".")[2] not in _BY_NAME
    match called:
        case ast.Name(id=name):
            own = function_of(called, read.file.bound)
            if own is None:
                return not hasattr(builtins, name) and name not in _BY_NAME
            return _is_changing(own, read)
        case ast.Attribute(value=ast.Name() as owner, attr=name):
            inside = class_of_self(owner, read.file.bound)
            if inside is not None:
                return _may_method(inside, name, read)
            return operator_of(f"torch.Tensor.{name}") is None and not name.endswith("_as")
    return False  # a method of what was just made, or a module of another one


def _is_changing_self(call: ast.Call, read: Read) -> bool:
    """Whether it is a method of the class that changes what the function reads of `self`."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=first) as owner, attr=name):
            inside = class_of_self(owner, read.file.bound)
            own = {} if inside is None else read.owned(inside)
            changed = {
                attribute
                for method in _reached(name, own)
                for attribute in _changed_of_first(method, read)
            }
            if not changed:
                return False
            own_reads = (each for each in ast.walk(read.function) if each is not call.func)
            return "" in changed or not changed.isdisjoint(_attributes_of(first, own_reads))
    return False


def _reached(name: str, own: Mapping[str, ast.expr | ast.FunctionDef]) -> Iterator[ast.FunctionDef]:
    """A method, and the methods that it calls with its `self`."""
    seen, pending = {name}, [name]
    while pending:
        method = own.get(pending.pop())
        if not isinstance(method, ast.FunctionDef):
            continue
        yield method
        first = method.args.args[0].arg if method.args.args else ""
        called = {*_attributes_of(first, ast.walk(method))} - seen
        seen |= called
        pending += called


def _changed_of_first(function: ast.FunctionDef, read: Read) -> Iterator[str]:
    """The attributes of its first parameter that a method changes; an empty one may be any."""
    first = function.args.args[0].arg if function.args.args else ""
    for node in ast.walk(function):
        if not _changes_one(node, set(), read):
            continue
        parts = [*ast.walk(node)]
        named = [*_attributes_of(first, parts)]
        yield from ("" if each == "__dict__" else each for each in named)
        if len(named) < sum(isinstance(each, ast.Name) and each.id == first for each in parts):
            yield ""


def _attributes_of(name: str, nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if owner == name:
                yield attribute


def _may_method(inside: ast.ClassDef, name: str, read: Read) -> bool:
    """Whether a method of `self` may; a module that is kept in it does not."""
    own = read.owned(inside).get(name)
    return own is None or (not isinstance(own, ast.expr) and _is_changing(own, read))


def _is_changing(function: ast.FunctionDef | ast.AsyncFunctionDef, read: Read) -> bool:
    known = read.recorder.changing
    if function not in known:
        arguments = function.args
        names = {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}
        known[function] = any(_changes_one(each, names, read) for each in ast.walk(function))
    return known[function]


def _changes_one(node: ast.AST, names: set[str], read: Read) -> bool:
    match node:
        case ast.AugAssign(target=ast.Name(id=name)):
            return name in names
        case ast.Call(func=ast.Attribute(attr=name)) if name.endswith("_"):
            return not name.endswith("__")
    return writes(node, read.recorder)
