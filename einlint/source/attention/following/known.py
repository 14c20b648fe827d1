"""The functions, methods and modules of a file that are read where they are called."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from einlint.source.attributes import registration
from einlint.source.binder import BoundModule, Function
from einlint.source.names import last_name

if TYPE_CHECKING:
    from einlint.source.attention.following.reader import Reader

_MOST_LINES: Final = 5000
_DEEPEST: Final = 4
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(slots=True)
class Known:
    """What a file shows of what is called.

    telling: the functions with a product or a softmax in them.
    """

    bound: BoundModule
    telling: set[Function]
    _by_name: dict[str, list[Function]] = field(init=False)
    _classes: dict[str, ast.ClassDef] = field(init=False)
    _modules: dict[str, ast.ClassDef | None] = field(init=False)
    _later: set[str] = field(init=False)
    _learned: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name, self._modules, self._later = {}, {}, set()
        for function in self.bound.functions():
            self._by_name.setdefault(function.name, []).append(function)
        self._classes = {each.name: each for each in self.bound.of_kind(ast.ClassDef)}
        registered = (registration(each)[1] for each in self.bound.calls_of({"register_buffer"}))
        self._learned = {each for each in registered if each is not None}
        for node in self.bound.of_kind(ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                for each in parts:
                    if isinstance(each, ast.Attribute):
                        self._set(each.attr, node)

    def _set(self, name: str, node: ast.Assign) -> None:
        """Note an attribute that is set."""
        around = next(
            (each for each in self.bound.around(node) if isinstance(each, _FUNCTIONS)), None
        )
        if around is not None and around.name != "__init__":
            self._later.add(name)
        made = (
            self._classes.get(last_name(node.value.func))
            if isinstance(node.value, ast.Call)
            else None
        )
        self._modules[name] = made if self._modules.get(name, made) is made else None

    def is_set_later(self, name: str) -> bool:
        """Whether another method than `__init__` sets an attribute of this name."""
        return name in self._later and name not in self._learned

    def function(self, called: ast.expr, inside: Sequence[Function]) -> Function | None:
        """The function of the file that is called, if there is one alone."""
        match called:
            case ast.Name(id=name):
                found = [e for e in self._by_name.get(name, ()) if self._is_outermost(e)]
                if not found and name in self._classes:
                    return None
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                found = self._methods(name, inside)
                if not found:
                    made = self._modules.get(name)
                    found = [] if made is None else self._own(made, "forward")
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in self._classes:
                found = self._own(self._classes[owner], name)
            case _:
                return None
        return found[0] if len(found) == 1 else None

    def _is_outermost(self, node: Function) -> bool:
        return isinstance(self.bound.parents[node], ast.Module)

    def _methods(self, name: str, inside: Sequence[Function]) -> list[Function]:
        for each in reversed(inside):
            for around in self.bound.around(each):
                if isinstance(around, ast.ClassDef):
                    return self._own(around, name)
        return []

    def _own(self, node: ast.ClassDef, name: str, depth: int = 0) -> list[Function]:
        """The method of a class, or of its bases in the file."""
        found = [e for e in self._by_name.get(name, ()) if self.bound.parents[e] is node]
        for base in node.bases if not found and depth < _DEEPEST else ():
            other = self._classes.get(last_name(base))
            if other is not None and other is not node:
                found = found or self._own(other, name, depth + 1)
        return found

    def may_read(self, function: Function, reader: "Reader") -> bool:
        """Whether a function is worth reading where it is called, and not too much was read."""
        is_short = reader.lines < _MOST_LINES and len(reader.entered) < _DEEPEST
        return is_short and function in self.telling and function not in reader.entered

    def holding(self, functions: set[Function]) -> set[str]:
        """The names of attributes that hold modules of classes with one of these methods."""
        classes = {self.bound.parents[each] for each in functions}
        return {name for name, made in self._modules.items() if made in classes}

    @staticmethod
    def is_static(function: Function) -> bool:
        """Whether a method has no `self`."""
        return any(last_name(each) == "staticmethod" for each in function.decorator_list)
