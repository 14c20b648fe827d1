"""Where a file replaces or watches einsum: a call that is rewritten would pass that by."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

from einlint.source.apis import APIS, Api
from einlint.source.binder import BoundModule
from einlint.source.imports import api_at, dotted_path
from einlint.source.literals import literal_string
from einlint.source.names import last_name
from einlint.source.namespaces import Namespaces
from einlint.source.scopes import OpaqueBinding, ScopeKind, ValueBinding

# Functions of unittest.mock, pytest, pytest-mock, wrapt and their like, by a part of the name.
_PATCHER: Final = re.compile(
    "patch|mock|stub|spy|(set|del)(attr|item)|wrap|inject|override", re.IGNORECASE
)
# Those that are given an object and the name of an attribute.
_SETTERS: Final = frozenset(
    {"setattr", "delattr", "setitem", "delitem", "object", "multiple", "spy", "__setattr__"}
)
# What their parameters are called, which is no name of what they patch.
_PARAMETERS: Final = frozenset(
    {"target", "attribute", "name", "obj", "new", "value", "raising", "spec", "autospec", "create"}
    | {"side_effect", "return_value", "new_callable", "wraps", "dic", "values", "in_dict", "clear"}
)
# What changes the namespace that it is called on.
_CHANGING: Final = frozenset(
    {f"__{verb}{what}__" for verb in ("set", "del") for what in ("attr", "item")}
    | {"update", "setdefault", "pop", "clear"}
)
_READING: Final = frozenset({"getattr", "hasattr", "import_module", "__import__"})
# What calls a function that it is given, or shows it, and does nothing else about it.
_CALLING: Final = frozenset(
    {"partial", "partialmethod", "vmap", "map", "starmap", "submit", "reduce", "checkpoint"}
    | {"compile", "staticmethod", "callable", "print", "help"}
)
_MODES: Final = ("TorchFunctionMode", "TorchDispatchMode", "FlopCounterMode")
_HOOKS: Final = ("__torch_function__", "__torch_dispatch__")
_NO_HOOK: Final = "_disabled_torch_function_impl"

_REPLACES: Final = "replaces it"
_WATCHES: Final = "names a mode that sees what is called"
_PASSES_ON: Final = "passes it on"
_COMPARES: Final = "has it in a table or a comparison"


@dataclass(frozen=True, slots=True)
class Interception:
    """What a file does about einsum, in words that a row may be put before."""

    row: int
    deed: str


def interception(bound: BoundModule, calls: Mapping[ast.Call, Api]) -> Interception | None:
    """The first place where a file replaces or watches what these calls of it call.

    One place concerns all calls: when it is in force, only a run tells. Other names for the
    function, and what only calls it, are no such place.
    """
    if not calls:
        return None
    apis = {*APIS, *calls.values()}
    functions = frozenset(api.function for api in apis)
    modules = frozenset(path.rpartition(".")[0] for api in apis for path in api.paths)
    own = frozenset(_words(call.func)[0] for call in calls)
    spaces = Namespaces(bound, modules, functions, own)
    search = _Search(bound, functions, spaces, functions | own | modules)
    return min(search.run(), key=lambda each: each.row, default=None)


@dataclass(frozen=True, slots=True)
class _Search:
    """functions: what einsum is called in its modules. words: all names that einsum hangs on."""

    bound: BoundModule
    functions: frozenset[str]
    spaces: Namespaces
    words: frozenset[str]

    def run(self) -> Iterator[Interception]:
        """Every such place."""
        nodes = self.bound.of_kind
        found: Iterator[tuple[ast.expr | ast.stmt, str | None]] = chain(
            ((node, self._of_call(node)) for node in nodes(ast.Call)),
            ((node, self._of_attribute(node)) for node in nodes(ast.Attribute)),
            ((node, self._of_subscript(node)) for node in nodes(ast.Subscript)),
            ((node, self._of_mention(node)) for node in nodes(ast.Name) if node.id in self.words),
            ((node, _of_import(node)) for node in nodes(ast.ImportFrom)),
        )
        for node, deed in found:
            if deed is not None:
                yield Interception(node.lineno, deed)
        yield from self._hooks()

    def _of_call(self, call: ast.Call) -> str | None:
        names = _words(call.func)
        if names[-1] in {"exec", "eval"}:
            return self._of_code(call)
        if names[-1] == "reload":
            return _REPLACES if any(map(self.spaces.at, call.args)) else None
        is_changing = isinstance(call.func, ast.Attribute) and names[-1] in _CHANGING
        named = set(_strings(call))
        is_path = any("." in text and text.rpartition(".")[2] in self.functions for text in named)
        is_patcher = any(map(_is_patcher, names)) or (is_path and self._is_patcher(call.func))
        is_meant = not self.words.isdisjoint(named) and names[-1] not in _READING
        if not (is_changing or is_patcher or is_meant):
            return None
        given: list[ast.expr] = []
        if is_changing and isinstance(call.func, ast.Attribute):
            given.append(call.func.value)
        if is_patcher or not is_changing:
            given += [*call.args, *(each.value for each in call.keywords)]
        for node in given:
            space = self.spaces.at(node)
            if space is None or (isinstance(node, ast.Constant) and not is_patcher):
                continue
            is_unnamed = space.is_small and not named - self.spaces.modules
            if space.names & named or ((is_changing or is_patcher) and is_unnamed):
                return _REPLACES
        is_set = is_patcher and (is_path or any(map(self._is_open_path, given)))
        is_set = is_set or (names[-1] in _SETTERS and self._is_set(named, given))
        return _REPLACES if is_set else None

    def _is_patcher(self, function: ast.expr) -> bool:
        """Whether a function is a patcher under another name."""
        return _is_patcher(dotted_path(function, self.bound.scopes[function]) or "")

    def _is_open_path(self, node: ast.expr) -> bool:
        """Whether a text such as `f"torch.{name}"` may be a path to einsum."""
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(head)), ast.FormattedValue()]):
                return head.removesuffix(".") in self.spaces.modules
        return False

    def _is_set(self, named: set[str], given: list[ast.expr]) -> bool:
        """Whether an attribute called einsum is set, and nobody knows whose."""
        if not named & self.functions:
            return False
        owner = given[0]
        is_open = _words(owner)[0] not in {"self", "cls", ""}
        return is_open and dotted_path(owner, self.bound.scopes[owner]) is None

    def _of_code(self, call: ast.Call) -> str | None:
        """`exec` binds names, and `eval` of what is compiled."""
        if not isinstance(call.func, ast.Name) or not call.args:
            return None
        code, *others = call.args
        if call.func.id == "eval" and not (
            isinstance(code, ast.Call) and last_name(code.func) == "compile"
        ):
            return None
        others += [each.value for each in call.keywords if each.arg == "globals"]
        if others and self.spaces.at(others[0]) is None:
            return None  # names of another namespace
        text = literal_string(code, self.bound.scopes[code])
        if text is not None and not any(word in text for word in (*self.words, "*")):
            return None
        return f"may bind names anew by `{call.func.id}`"

    def _of_attribute(self, node: ast.Attribute) -> str | None:
        if node.attr.endswith(_MODES):
            return _WATCHES
        if node.attr not in self.words:
            return None
        if isinstance(node.ctx, ast.Load):
            return self._of_mention(node)
        space = self.spaces.at(node.value)
        return _REPLACES if space is not None and node.attr in space.names else None

    def _of_subscript(self, node: ast.Subscript) -> str | None:
        if isinstance(node.ctx, ast.Load):
            return None
        keys: frozenset[object]
        match node.slice:
            case ast.Constant(value=key):
                keys = self.words & {key}
            case ast.JoinedStr(values=[ast.Constant(value=str(head)), *_]):
                keys = frozenset(word for word in self.words if word.startswith(head))
            case _:
                keys = self.words
        space = self.spaces.at(node.value) if keys else None
        if space is None or (len(keys) > 1 and not space.is_small):
            return None
        return _REPLACES if keys & space.names else None

    def _of_mention(self, node: ast.Name | ast.Attribute) -> str | None:
        """What is done with the function where it is not called."""
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
        """Classes of tensors that see what they are passed to."""
        for scope in self.bound.all_scopes:
            if scope.kind is not ScopeKind.CLASS:
                continue
            for name in _HOOKS:
                for binding in scope.bindings.get(name, ()):
                    match binding:
                        case OpaqueBinding(node=ast.FunctionDef() as node):
                            yield Interception(node.lineno, f"defines `{name}`")
                        case ValueBinding(value=value) if last_name(value) != _NO_HOOK:
                            yield Interception(value.lineno, f"defines `{name}`")


@cache
def _is_patcher(name: str) -> bool:
    return _PATCHER.search(name) is not None


def _of_import(node: ast.ImportFrom) -> str | None:
    return _WATCHES if any(alias.name.endswith(_MODES) for alias in node.names) else None


def _calls(parent: ast.AST, function: ast.expr) -> bool:
    """Whether the call `parent` calls the function that it is given, maybe with what follows."""
    if not isinstance(parent, ast.Call):
        return False
    behind = parent.args[parent.args.index(function) + 1 :] if function in parent.args else []
    is_equation = bool(behind) and isinstance(behind[0], (ast.Constant, ast.JoinedStr))
    return is_equation or last_name(parent.func) in _CALLING


def _strings(call: ast.Call) -> Iterator[str]:
    """The texts that a call is given: values, keywords, and keys of a dict."""
    yield from (each.arg for each in call.keywords if each.arg and each.arg not in _PARAMETERS)
    for node in (*call.args, *(keyword.value for keyword in call.keywords)):
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=[*_, ast.Constant(value=str(tail))]):
                yield tail
            case ast.Dict(keys=keys):
                for key in keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value


def _words(node: ast.expr) -> list[str]:
    """The names of a dotted expression; the first is empty where it does not start with one."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return names[::-1]
