"""The equation of a call: in its first argument, or in the `partial` of einsum that it calls."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from einlint.algebra.canonical import canonical
from einlint.algebra.equation import EquationError, parse
from einlint.source.apis import Api
from einlint.source.attributes import Attributes
from einlint.source.binder import BoundModule
from einlint.source.imports import api_at, dotted_path
from einlint.source.literals import literal_strings
from einlint.source.methods import class_of_self
from einlint.source.scopes import OpaqueBinding, Scope, ValueBinding

# Among more, some differ, and each call would look at all of them.
_MOST_TEXTS: Final = 50
_PARTIAL: Final = "functools.partial"
_EQUATION: Final = 1  # the place of the equation in `partial(torch.einsum, equation)`


@dataclass(eq=False)
class Equations:
    """Reads the equations of a file's calls."""

    bound: BoundModule
    _of_names: dict[tuple[Scope, str], tuple[str, ...]] = field(default_factory=dict)

    def texts(self, node: ast.expr) -> tuple[str, ...]:
        """Every equation that an argument may be; none if not all are known.

        A test whose evaluation may do something has to stay, so what it chooses is not read.
        """
        if isinstance(node, ast.Name):
            owner = self.bound.scopes[node].owner(node.id)
            if owner is None:
                return ()
            if (owner, node.id) not in self._of_names:
                self._of_names[owner, node.id] = self._texts(node)
            return self._of_names[owner, node.id]
        return self._texts(node)

    def _texts(self, node: ast.expr) -> tuple[str, ...]:
        texts = literal_strings(node, self.bound.scopes[node], self._constant)
        if not texts:
            return ()  # the node may be an operand of any size
        choices = (each for each in ast.walk(node) if isinstance(each, ast.IfExp))
        return texts if all(_is_idle(each.test) for each in choices) else ()

    def given(self, call: ast.Call) -> list[ast.expr]:
        """The positional arguments that einsum gets: those of the `partial` come first."""
        made = self.partial_of(call)
        return call.args if made is None else [made.args[_EQUATION], *call.args]

    def is_overridable(self, node: ast.expr) -> bool:
        """Whether a class derived in another file may set another: `self.EQUATION`.

        A leading underscore says that none does.
        """
        return any(
            isinstance(each, ast.Attribute)
            and not each.attr.startswith("_")
            and isinstance(each.value, ast.Name)
            and class_of_self(each.value, self.bound) is not None
            for each in ast.walk(node)
        )

    def calls_of_partials(self) -> dict[ast.Call, Api]:
        """The calls of what is bound once to a `partial` of einsum with its equation."""
        if not self._partials:
            return {}
        found = ((call, self.partial_of(call)) for call in self.bound.of_kind(ast.Call))
        return {call: self._partials[made] for call, made in found if made is not None}

    def partial_of(self, call: ast.Call) -> ast.Call | None:
        """The `partial` that a call calls: by a name, or an attribute that `__init__` sets."""
        if not self._partials:
            return None
        match call.func:
            case ast.Name(id=name):
                scope = self.bound.scopes[call.func]
                owner = scope.owner(name)
                if owner is None or owner.star_imports:
                    return None
                match scope.lookup(name):
                    case [ValueBinding(value=ast.Call() as made)] if made in self._partials:
                        return made
            case ast.Attribute(value=ast.Name() as owner_name, attr=attribute):
                node = class_of_self(owner_name, self.bound)
                return None if node is None else self._set_by_init.get((node, attribute))
        return None

    @cached_property
    def _attributes(self) -> Attributes:
        return Attributes(self.bound)

    @cached_property
    def _partials(self) -> dict[ast.Call, Api]:
        """The `partial(torch.einsum, equation)` of the file, without any other argument."""
        found: dict[ast.Call, Api] = {}
        for call in self.bound.named(ast.Call).get("partial", ()):
            if len(call.args) != _EQUATION + 1 or call.keywords:
                continue
            if dotted_path(call.func, self.bound.scopes[call]) == _PARTIAL:
                api = api_at(call.args[0], self.bound)
                if api is not None and not isinstance(call.args[_EQUATION], ast.Starred):
                    found[call] = api
        return found

    @cached_property
    def _set_by_init(self) -> dict[tuple[ast.ClassDef, str], ast.Call]:
        """The attributes that only `__init__` sets, once, outside of loops and branches."""
        return {
            (node, attribute): made
            for made in self._partials
            for node, attribute in self._owners_of(made)
            if self._attributes.are_named
            and self._attributes.are_seen(node)
            and self._attributes.is_set_once(attribute, node)
        }

    def _owners_of(self, made: ast.Call) -> Iterator[tuple[ast.ClassDef, str]]:
        assignment = self.bound.parents[made]
        match assignment:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name() as owner, attr=attribute)]):
                init = self.bound.parents[assignment]
                node = class_of_self(owner, self.bound)
                is_init = isinstance(init, ast.FunctionDef) and init.name == "__init__"
                if node is not None and is_init and self.bound.parents[init] is node:
                    yield node, attribute

    def _constant(self, node: ast.Attribute) -> ValueBinding | None:
        """The value of `self.EQUATION`, `cls.EQUATION` or `Class.EQUATION`."""
        if not isinstance(node.value, ast.Name):
            return None
        owner = class_of_self(node.value, self.bound)
        if owner is None:
            match self.bound.scopes[node].lookup(node.value.id):
                case [OpaqueBinding(node=ast.ClassDef() as named)]:
                    owner = named
        return None if owner is None else self._attributes.constant(node.attr, owner)


def agreed(texts: tuple[str, ...]) -> str | None:
    """One of several equations, if whatever is said of it is true of all; else None."""
    if not 0 < len(texts) <= _MOST_TEXTS:
        return None
    return texts[0] if len({_meaning(text) for text in texts}) == 1 else None


def _meaning(text: str) -> object:
    try:
        equation = parse(text)
    except EquationError as error:
        return error.fault, error.column, error.reason
    return str(canonical(equation)), equation.implicit


def _is_idle(test: ast.expr) -> bool:
    """Whether nothing is lost if a test is not evaluated."""
    return all(
        isinstance(
            each,
            ast.Name
            | ast.Attribute
            | ast.Constant
            | ast.UnaryOp
            | ast.BoolOp
            | ast.Compare
            | ast.expr_context
            | ast.operator
            | ast.unaryop
            | ast.boolop
            | ast.cmpop,
        )
        for each in ast.walk(test)
    )
