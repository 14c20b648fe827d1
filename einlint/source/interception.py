"""Code that replaces or watches einsum: a rewritten call would bypass it."""

import ast
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from einlint.source.apis import APIS, Api
from einlint.source.binder import BoundModule
from einlint.source.imports import api_at
from einlint.source.names import last_name
from einlint.source.namespaces import Namespaces
from einlint.source.replacing import Replacing, dotted_names
from einlint.source.scopes import OpaqueBinding, ScopeKind, ValueBinding

# Functions that only call or show the function that they get.
_CALLING: Final = frozenset(
    {"partial", "partialmethod", "vmap", "map", "starmap", "submit", "reduce", "checkpoint"}
    | {"compile", "staticmethod", "callable", "print", "help"}
)
_MODES: Final = ("TorchFunctionMode", "TorchDispatchMode", "FlopCounterMode")
_HOOKS: Final = ("__torch_function__", "__torch_dispatch__")
_OPERATORS: Final = ("__matmul__", "__rmatmul__", "__mul__", "__rmul__")
_NO_HOOK: Final = "_disabled_torch_function_impl"

_REPLACES: Final = "replaces it"
_MAY_REPLACE: Final = "runs code that may replace it"
_WATCHES: Final = "names a mode that sees what is called"
_PASSES_ON: Final = "passes it on"
_COMPARES: Final = "has it in a table or a comparison"


class Interception(NamedTuple):
    """A line that replaces or watches einsum; `deed` completes "line 3 ..."."""

    line: int
    deed: str


def interception(bound: BoundModule, calls: Mapping[ast.Call, Api]) -> Interception | None:
    """The first place in a file that replaces or watches the functions of these calls.

    It concerns all calls, because only a run shows when it is in effect. An alias of the function
    does not count, nor does code that only calls it.
    """
    if not calls:
        return None
    apis = {*APIS, *calls.values()}
    functions = frozenset(api.function for api in apis)
    modules = frozenset(path.rpartition(".")[0] for api in apis for path in api.paths)
    own = frozenset(dotted_names(call.func)[0] for call in calls)
    words, spaces = functions | own | modules, Namespaces(bound, modules, functions, own)
    search = _Search(bound, Replacing(bound, functions, words, spaces))
    return min(search.run(), key=lambda each: each.line, default=None)


class _Search(NamedTuple):
    bound: BoundModule
    replacing: Replacing

    def run(self) -> Iterator[Interception]:
        """Every such place."""
        nodes, named, words = self.bound.of_kind, self.bound.named, self.replacing.words
        attributes = named(ast.Attribute)
        telling = [each for each in attributes if each in words or each.endswith(_MODES)]
        found: Iterator[tuple[ast.expr | ast.stmt, str | None]] = chain(
            ((node, self._of_call(node)) for node in self.replacing.calls()),
            ((node, self._of_attribute(node)) for name in telling for node in attributes[name]),
            ((node, self._of_item(node)) for node in nodes(ast.Subscript)),
            (
                (node, self._of_mention(node))
                for name in sorted(words)
                for node in named(ast.Name).get(name, ())
            ),
            ((node, _of_import(node)) for node in nodes(ast.ImportFrom)),
        )
        for node, deed in found:
            if deed is not None:
                yield Interception(node.lineno, deed)
        yield from self._hooks()
        yield from self._operators()

    def _of_call(self, call: ast.Call) -> str | None:
        if last_name(call.func) in {"exec", "eval"}:
            return _MAY_REPLACE if self.replacing.by_code(call) else None
        return _REPLACES if self.replacing.by_call(call) else None

    def _of_attribute(self, node: ast.Attribute) -> str | None:
        if node.attr.endswith(_MODES):
            return _WATCHES
        if node.attr in self.replacing.functions and isinstance(node.ctx, ast.Load):
            return self._of_mention(node)
        return _REPLACES if self.replacing.by_attribute(node) else None

    def _of_item(self, node: ast.Subscript) -> str | None:
        return _REPLACES if self.replacing.by_item(node) else None

    def _of_mention(self, node: ast.Name | ast.Attribute) -> str | None:
        """How the code uses the function where it does not call it."""
        parent = self.bound.parents.get(node)
        match parent:
            case ast.Dict(keys=keys) if node in keys:
                deed = _COMPARES
            case ast.Set() | ast.List() | ast.Compare() | ast.MatchValue():
                deed = _COMPARES
            case ast.Tuple() if not isinstance(self.bound.parents.get(parent), ast.Assign):
                deed = _COMPARES
            case ast.Subscript(slice=key) if key is node:
                deed = _COMPARES
            case ast.Call(args=arguments) if node in arguments and not _calls(parent, node):
                deed = _PASSES_ON
            case ast.keyword() if not _calls(self.bound.parents[parent], node):
                deed = _PASSES_ON
            case _:
                return None
        return deed if api_at(node, self.bound) is not None else None

    def _hooks(self) -> Iterator[Interception]:
        """Tensor classes with hooks that see the functions they are passed to."""
        classes = (each for each in self.bound.all_scopes if each.kind is ScopeKind.CLASS)
        for scope, name in ((scope, name) for scope in classes for name in _HOOKS):
            for binding in scope.bindings.get(name, ()):
                match binding:
                    case OpaqueBinding(node=ast.FunctionDef() as node):
                        yield Interception(node.lineno, f"defines `{name}`")
                    case ValueBinding(value=value) if last_name(value) != _NO_HOOK:
                        yield Interception(value.lineno, f"defines `{name}`")

    def _operators(self) -> Iterator[Interception]:
        """Derived classes with operators of their own: a tensor class, perhaps."""
        for node in self.bound.of_kind(ast.ClassDef):
            for each in node.body if node.bases else ():
                if isinstance(each, ast.FunctionDef) and each.name in _OPERATORS:
                    yield Interception(each.lineno, f"defines `{each.name}`")


def _of_import(node: ast.ImportFrom) -> str | None:
    return _WATCHES if any(alias.name.endswith(_MODES) for alias in node.names) else None


def _calls(parent: ast.AST, function: ast.expr) -> bool:
    """Whether the call `parent` only calls the function, perhaps with the arguments after it."""
    if not isinstance(parent, ast.Call):
        return False
    after = parent.args[parent.args.index(function) + 1 :] if function in parent.args else []
    is_equation = bool(after) and isinstance(after[0], (ast.Constant, ast.JoinedStr))
    return is_equation or last_name(parent.func) in _CALLING
