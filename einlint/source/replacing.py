"""Calls and assignments that replace einsum, or its module, by something else."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.literals import literal_string
from einlint.source.names import given_values, last_name
from einlint.source.namespaces import Namespaces

# Functions of unittest.mock, pytest, pytest-mock, wrapt and the like, by a part of the name.
_PATCHER: Final = re.compile(
    "patch|mock|stub|spy|(set|del)(attr|item)|wrap|inject|override", re.IGNORECASE
)
# Those that take an object and the name of an attribute.
_SETTERS: Final = frozenset(
    {"setattr", "delattr", "setitem", "delitem", "object", "multiple", "spy", "__setattr__"}
)
# Names of their parameters, which are not names of what they patch.
_PARAMETERS: Final = frozenset(
    {"target", "attribute", "name", "obj", "new", "value", "raising", "spec", "autospec", "create"}
    | {"side_effect", "return_value", "new_callable", "wraps", "dic", "values", "in_dict", "clear"}
)
# Methods that change the namespace they are called on.
_CHANGING: Final = frozenset(
    {f"__{verb}{what}__" for verb in ("set", "del") for what in ("attr", "item")}
    | {"update", "setdefault", "pop"}
)
# Names of calls that are looked at whatever they are given.
_TELLING: Final = _CHANGING | {"exec", "eval", "reload"}
_READING: Final = frozenset({"getattr", "hasattr", "import_module", "__import__"})


class Replacing(NamedTuple):
    """Finds replacements of einsum.

    functions: the names of einsum in its modules. words: all names that lead to it.
    """

    bound: BoundModule
    functions: frozenset[str]
    words: frozenset[str]
    spaces: Namespaces

    def calls(self) -> Iterator[ast.Call]:
        """The calls that may replace einsum: by their names, or by a string in the file."""
        by_name = self.bound.named(ast.Call)
        if self._has_texts():
            yield from self.bound.of_kind(ast.Call)
            return
        for name, some in by_name.items():
            if name in _TELLING or _is_patcher(name):
                yield from some
                continue
            for each in some:
                owner = each.func.value if isinstance(each.func, ast.Attribute) else None
                if owner is not None and any(map(_is_patcher, dotted_names(owner))):
                    yield each

    def _has_texts(self) -> bool:
        """Whether a string or a keyword of the file may name einsum to a call."""
        values = (each.value for each in self.bound.of_kind(ast.Constant))
        texts = (each for each in values if isinstance(each, str))
        keywords = (each.arg for each in self.bound.of_kind(ast.keyword))
        return not self.words.isdisjoint(keywords) or any(
            each in self.words or each.rpartition(".")[2] in self.functions for each in texts
        )

    def by_attribute(self, node: ast.Attribute) -> bool:
        """`torch.einsum = ...`, or a `del` of it."""
        if isinstance(node.ctx, ast.Load) or node.attr not in self.words:
            return False
        space = self.spaces.at(node.value)
        return space is not None and node.attr in space.names

    def by_item(self, node: ast.Subscript) -> bool:
        """`torch.__dict__["einsum"] = ...`, or a `del` of it; an unknown key counts."""
        if isinstance(node.ctx, ast.Load):
            return False
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
            return False
        return not space.names.isdisjoint(keys)

    def by_call(self, call: ast.Call) -> bool:
        """`patch("torch.einsum")`, `setattr(torch, "einsum", f)`, `globals().update(...)`."""
        if not (call.args or call.keywords):
            return False
        names, named = dotted_names(call.func), frozenset(_texts(call))
        if names[-1] == "reload":
            return any(map(self.spaces.at, call.args))
        given = given_values(call)
        is_path = any("." in text and text.rpartition(".")[2] in self.functions for text in named)
        if any(map(_is_patcher, names)) or (is_path and self._is_patcher(call.func)):
            is_open = is_path or any(map(self._is_open_path, given))
            is_set = names[-1] in _SETTERS and self._is_of_unknown_owner(given[0], named)
            if is_open or is_set or any(self._may_change(node, named) for node in given):
                return True
        if isinstance(call.func, ast.Attribute) and names[-1] in _CHANGING:
            return self._may_change(call.func.value, named)
        if names[-1] in _READING or self.words.isdisjoint(named):
            return False
        return any(
            space is not None and not space.names.isdisjoint(named)
            for space in (self.spaces.at(node) for node in given if not _is_constant(node))
        )

    def by_code(self, call: ast.Call) -> bool:
        """`exec`, or `eval` of compiled code, in the namespace of the file."""
        match call:
            case ast.Call(func=ast.Name(id="exec"), args=[code, *others]):
                pass
            case ast.Call(func=ast.Name(id="eval"), args=[ast.Call() as code, *others]):
                if last_name(code.func) != "compile":
                    return False
            case _:
                return False
        others += [each.value for each in call.keywords if each.arg == "globals"]
        if others and self.spaces.at(others[0]) is None:
            return False
        text = literal_string(code, self.bound.scopes[code])
        return text is None or any(word in text for word in (*self.words, "*"))

    def _may_change(self, node: ast.expr, named: frozenset[str]) -> bool:
        """Whether a changed namespace contains einsum, and the call names it or no name at all."""
        space = self.spaces.at(node)
        if space is None:
            return False
        is_unnamed = space.is_small and named <= self.spaces.modules
        return is_unnamed or not space.names.isdisjoint(named)

    def _is_patcher(self, function: ast.expr) -> bool:
        """Whether a function is an alias of a patcher."""
        return _is_patcher(dotted_path(function, self.bound.scopes[function]) or "")

    def _is_open_path(self, node: ast.expr) -> bool:
        """Whether an f-string such as `f"torch.{name}"` may be a path to einsum."""
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(head)), ast.FormattedValue()]):
                return head.removesuffix(".") in self.spaces.modules
        return False

    def _is_of_unknown_owner(self, owner: ast.expr, named: frozenset[str]) -> bool:
        """Whether it sets an attribute `einsum` of an unknown object."""
        if self.functions.isdisjoint(named) or dotted_names(owner)[0] in {"self", "cls", ""}:
            return False
        return dotted_path(owner, self.bound.scopes[owner]) is None


def dotted_names(node: ast.expr) -> list[str]:
    """The names of a dotted expression; the first is empty where it does not start with one."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return names[::-1]


@cache
def _is_patcher(name: str) -> bool:
    return _PATCHER.search(name) is not None


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _texts(call: ast.Call) -> Iterator[str]:
    """The strings in the arguments of a call: values, keywords, and keys of a dict."""
    yield from (each.arg for each in call.keywords if each.arg and each.arg not in _PARAMETERS)
    for node in given_values(call):
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=[*_, ast.Constant(value=str(tail))]):
                yield tail
            case ast.Dict(keys=keys):
                for key in keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value
