"""Regions of code in which autocast is on."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from einlint.source.binder import BoundModule, Function
from einlint.source.names import last_name

# A file without one of these words has no region of autocast.
_WORDS: Final = ("autocast", "custom_bwd", "custom_fwd")
# Each hint has one of these, which are searched for faster.
_HINTS: Final = ("precision", "GradScaler")
_HINT: Final = re.compile(r"mixed_precision|GradScaler|precision\s*=\s*[\"']")
# Names that make a region of autocast: `autocast`, `amp_autocast`, `maybe_autocast`; not those that
# query it or turn it off.
_MAKER: Final = re.compile(
    r"(?!_*(?:is|get|set|clear|no|disable|without)_)\w*autocast\w*|custom_[bf]wd", re.IGNORECASE
)
_SWITCH: Final = re.compile(r"set_autocast_(?:[a-z]+_)?enabled")
_ENTERING: Final = frozenset({"__enter__", "enter_context", "enter_async_context"})


@dataclass(slots=True, eq=False)
class ShownAutocast:
    """The regions of autocast in a file.

    regions: a `with` or a decorated function -> its line; None if it turns autocast off.
    switch: the first line that turns it on without a visible end.
    is_hinted: the file names what turns it on elsewhere: a trainer with mixed precision.
    """

    regions: dict[ast.AST, int | None] = field(default_factory=dict)
    switch: int | None = None
    is_hinted: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the file turns autocast on nowhere, as far as it shows."""
        return not (self.is_hinted or self.switch is not None or any(self.regions.values()))

    def around(self, node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> int | None:
        """The line that turns autocast on around the node; None if no line does.

        Of several regions the innermost counts.
        """
        while self.regions and node in parents:
            node = parents[node]
            if node in self.regions:
                return self.regions[node]
        return self.switch


def is_autocast(item: ast.withitem) -> bool:
    """Whether a `with` statement does nothing but let torch cast, or not cast."""
    match item:
        case ast.withitem(context_expr=ast.Call(func=called), optional_vars=None):
            return last_name(called) == "autocast"
    return False


def shown_autocast(bound: BoundModule, text: str) -> ShownAutocast:
    """Find the regions of a file by names alone, whatever library they are from."""
    lowered = text.lower()
    is_named = any(each in lowered for each in _WORDS)
    found = _Search(bound).run() if is_named else ShownAutocast()
    found.is_hinted = any(each in text for each in _HINTS) and _HINT.search(text) is not None
    return found


class _Search:
    """Follows the names that make regions to their uses.

    A name that is bound to a region makes one too (`ctx = torch.autocast("cuda")`), and so does a
    function of the file that returns one, yields in one, or decorates with one.
    """

    def __init__(self, bound: BoundModule) -> None:
        self._bound = bound
        self._shown = ShownAutocast()
        self._seen: set[ast.AST] = set()

    def run(self) -> ShownAutocast:
        names, attributes = self._bound.named(ast.Name), self._bound.named(ast.Attribute)
        known = {name for name in (*names, *attributes) if _MAKER.fullmatch(name)}
        for alias in self._bound.of_kind(ast.alias):
            if alias.asname and _MAKER.fullmatch(alias.name):
                known.add(alias.asname)
        pending = list(known)
        while pending:
            name = pending.pop()
            mentions = (*names.get(name, ()), *attributes.get(name, ()))
            for node in mentions:
                if not isinstance(node.ctx, ast.Load):
                    continue
                more = set(self._used(node)) - known
                known |= more
                pending += more
        for call in self._bound.calls_of({*filter(_SWITCH.fullmatch, self._bound.named(ast.Call))}):
            if not _turns_off(call):
                self._switched(call)
        return self._shown

    def _used(self, node: ast.expr) -> Iterator[str]:
        """Note the region that an expression makes; yield names that make regions through it."""
        while node not in self._seen:
            self._seen.add(node)
            parent = self._bound.parents[node]
            if isinstance(parent, ast.NamedExpr):
                yield parent.target.id
            if not isinstance(parent, ast.expr) or not _is_result(node, parent):
                yield from self._ends_at(parent, node)
                return
            if isinstance(parent, ast.Call) and _turns_off(parent):
                self._note_region(parent, None)
                return
            node = parent

    def _ends_at(self, parent: ast.AST, region: ast.expr) -> Iterator[str]:
        match parent:
            case ast.Attribute(attr=name) if name in _ENTERING:
                self._switched(region)
            case ast.Call(func=function) if last_name(function) in _ENTERING:
                self._switched(region)
            case ast.Assign(targets=targets):
                yield from filter(None, map(last_name, targets))
            case ast.AnnAssign(target=target):
                yield last_name(target)
            case ast.Return():
                yield from (each.name for each in self._functions_around(parent)[:1])
            case _:
                yield from self._note_region(region, region.lineno)

    def _note_region(self, node: ast.expr, line: int | None) -> list[str]:
        """Note the code below a `with` or decorator; return functions that make regions by it."""
        parent = self._bound.parents[node]
        if isinstance(parent, ast.withitem):
            region = self._bound.parents[parent]
            # The function around it makes regions if it is a context manager or a decorator.
            functions = [
                each
                for position, each in enumerate(self._functions_around(region)[:2])
                if position or any(map(_is_of_context_manager, each.decorator_list))
            ]
        elif node in getattr(parent, "decorator_list", ()):
            region = parent
            functions = self._functions_around(region)[:1]
        else:
            return []
        if self._shown.regions.get(region) is None:
            self._shown.regions[region] = line
        return [] if line is None else [each.name for each in functions]

    def _functions_around(self, node: ast.AST) -> list[Function]:
        """The functions around a node, from the inside."""
        around = self._bound.around(node)
        return [
            each for each in around if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]

    def _switched(self, node: ast.expr) -> None:
        if self._shown.switch is None:
            self._shown.switch = node.lineno


def _is_result(node: ast.expr, parent: ast.expr) -> bool:
    """Whether the node may be, or makes, the value of its parent."""
    match parent:
        case ast.Call(func=function, args=args):
            return node is function or (last_name(function) == "partial" and node in args)
        case ast.IfExp(test=test):
            return node is not test
        case ast.NamedExpr(value=value) | ast.Lambda(body=value):
            return node is value
        case ast.BoolOp() | ast.Await():
            return True
    return False


def _turns_off(call: ast.Call) -> bool:
    """Whether the call turns autocast off: by a literal False, or a `custom_fwd` that casts."""
    given = [*call.args, *(each.value for each in call.keywords if each.arg == "enabled")]
    is_off = any(isinstance(each, ast.Constant) and each.value is False for each in given)
    return is_off or any(each.arg == "cast_inputs" for each in call.keywords)


def _is_of_context_manager(decorator: ast.expr) -> bool:
    return "contextmanager" in last_name(decorator)
