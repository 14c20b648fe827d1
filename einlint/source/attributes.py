"""Which attributes of a module have for good what `__init__` gives them."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Final, TypeAlias

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.literals import is_mangled
from einlint.source.names import last_name
from einlint.source.scopes import Binding, OpaqueBinding, ScopeKind, ValueBinding

_Setters: TypeAlias = tuple[Counter[ast.ClassDef | None], set[ast.ClassDef | None]]
_SETTERS: Final = frozenset(
    {
        *("setattr", "vars", "__dict__", "__setattr__", "_parameters", "_buffers", "_modules"),
        *("add_module", "register_module", "register_parameter", "register_parametrization"),
    }
)
_REGISTERING: Final = "register_buffer"
_MODULES: Final = frozenset({"torch.nn.Module", "torch.nn.modules.Module"})


def registration(node: ast.AST) -> tuple[ast.expr | None, str | None]:
    """The owner and the name in `owner.register_buffer(name, ...)`; no name if only a run tells."""
    if not isinstance(node, ast.Call) or last_name(node.func) != _REGISTERING:
        return None, None
    owner = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    names = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "name")]
    match names:
        case [ast.Constant(value=str(name))]:
            return owner, name
    return owner, None


@dataclass(eq=False)
class Attributes:
    """The attributes that a file sets anywhere."""

    bound: BoundModule
    _setters: dict[str, _Setters] = field(default_factory=dict)

    @cached_property
    def are_named(self) -> bool:
        """Whether none is set by a name that only a run tells.

        A buffer with such a name takes the place of no other attribute: torch raises KeyError.
        """
        names, attributes = self.bound.named(ast.Name), self.bound.named(ast.Attribute)
        is_read_otherwise = "__getattribute__" in self.bound.all_scopes[0].methods
        return (
            not is_read_otherwise and _SETTERS.isdisjoint(names) and _SETTERS.isdisjoint(attributes)
        )

    @cached_property
    def _registered(self) -> list[tuple[ast.expr, str | None]]:
        found = map(registration, self.bound.named(ast.Call).get(_REGISTERING, ()))
        return [(owner, name) for owner, name in found if owner is not None]

    @cached_property
    def _owners(self) -> dict[str | None, list[ast.expr | None]]:
        """Whose attributes of a name are set; no name for those that only a run tells."""
        owners: dict[str | None, list[ast.expr | None]] = {}
        for owner, name in (*self.bound.patches, *self._registered):
            owners.setdefault(name, []).append(owner)
        return owners

    @cached_property
    def _buffers(self) -> set[str | None]:
        return {name for _, name in self._registered}

    @cached_property
    def _derived(self) -> dict[str, list[ast.ClassDef]]:
        """The classes by the names of their bases."""
        derived: dict[str, list[ast.ClassDef]] = {}
        for each in self.bound.of_kind(ast.ClassDef):
            for base in dict.fromkeys(map(last_name, each.bases)):
                derived.setdefault(base, []).append(each)
        return derived

    def are_seen(self, node: ast.ClassDef) -> bool:
        """Whether neither a base nor, through a derived class, a second one sets any."""
        return self.is_plain(node) and all(len(each.bases) < 2 for each in self.heirs(node))

    def is_plain(self, node: ast.ClassDef) -> bool:
        """Whether its bases set no attributes that we do not see."""
        return not node.decorator_list and all(
            isinstance(each, (ast.Name, ast.Attribute))
            and dotted_path(each, self.bound.scopes[node]) in _MODULES
            for each in node.bases
        )

    def is_set_once(self, name: str, node: ast.ClassDef) -> bool:
        """Whether no other place of the file sets or defines an attribute of this name.

        Other classes may set theirs on `self`, but for those that are derived from a class of
        the file.
        """
        if name in self._buffers and None in self._buffers:
            return False
        if name not in self._setters:
            self._setters[name] = self._setters_of(name)
        inside, others = self._setters[name]
        if inside[node] != 1 or not others <= {node}:
            return False
        bodies = [self.bound.scopes[each.body[0]] for each in self.heirs(node)]
        methods = self.bound.all_scopes[0].methods
        bound = (each for body in bodies for each in body.bindings.get(name, ()))
        return name not in methods and all(map(self._is_annotation, bound))

    def _is_annotation(self, binding: Binding) -> bool:
        """Whether it binds nothing: `mask: Tensor`, as for a buffer."""
        if not isinstance(binding, OpaqueBinding):
            return False
        around = self.bound.parents.get(binding.node)
        return isinstance(around, ast.AnnAssign) and around.value is None

    def _setters_of(self, name: str) -> _Setters:
        """How often each class sets the attribute, and the classes that may set that of others."""
        inside: Counter[ast.ClassDef | None] = Counter()
        others: set[ast.ClassDef | None] = set()
        for owner in self._owners.get(name, ()):
            around = None if owner is None else self._class_around(owner)
            is_self = isinstance(owner, ast.Name) and owner.id == "self"
            inside[around] += 1
            if around is None or not is_self or not self.is_plain(around):
                others.add(around)
        return inside, others

    def constant(self, name: str, node: ast.ClassDef) -> ValueBinding | None:
        """What the body of a class assigns to `name`, if nothing in the file sets another.

        Base classes and decorators that we do not see may turn it into something else; so may a
        call with a keyword of this name, and whatever has the name in a string.
        """
        bindings = self.bound.scopes[node.body[0]].bindings.get(name, [])
        match bindings:
            case [ValueBinding() as found] if self._is_plainly_assigned(found.value, node):
                is_only = self._class_names[name] == 1
                is_set = name in self._owners or name in self._named
                is_open = self.bound.all_scopes[0].is_open or is_mangled(name)
                is_sure = self.are_named and not is_open and not node.keywords
                return found if is_only and is_sure and not is_set and self.are_seen(node) else None
        return None

    def _is_plainly_assigned(self, value: ast.expr, node: ast.ClassDef) -> bool:
        """Not in a branch, and without an annotation, which may make it a field."""
        assignment = self.bound.parents[value]
        return isinstance(assignment, ast.Assign) and self.bound.parents[assignment] is node

    @cached_property
    def _class_names(self) -> Counter[str]:
        """How many class bodies bind a name."""
        bodies = (each for each in self.bound.all_scopes if each.kind is ScopeKind.CLASS)
        return Counter(name for body in bodies for name in body.bindings)

    @cached_property
    def _named(self) -> set[object]:
        """The names of keywords, and the strings of the file."""
        keywords = {each.arg for each in self.bound.of_kind(ast.keyword)}
        return keywords | {each.value for each in self.bound.of_kind(ast.Constant)}

    def heirs(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """The class and the classes of the file that are derived from it."""
        heirs = {node: None}
        pending = [node]
        while pending:
            for each in self._derived.get(pending.pop().name, ()):
                if each not in heirs:
                    heirs[each] = None
                    pending.append(each)
        return list(heirs)

    def _class_around(self, node: ast.AST) -> ast.ClassDef | None:
        around = chain((node,), self.bound.around(node))
        return next((each for each in around if isinstance(each, ast.ClassDef)), None)


def setting(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """Where attributes are set, outside of loops and branches."""
    for statement in body:
        match statement:
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from (
                        target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
                    )
            case ast.AnnAssign(target=target):
                yield target
            case ast.Expr(value=value):
                yield value
