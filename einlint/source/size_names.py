"""An index whose sizes the code calls by two names: two parameters of one function."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.size_table import Place, SizeTable
from einlint.algebra.sizes import Symbol
from einlint.source.binder import BoundModule, Function


@dataclass(frozen=True, slots=True)
class TwoNames:
    """The index, the first two places that have other names, and what the operands are called."""

    index: str
    first: Place
    second: Place
    called: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is said of it in findings."""
        places = (self.first, self.second)
        names = (
            f"{each.axis.size.name} in {self.called[each.operand]}"
            for each in places
            if isinstance(each.axis.size, Symbol)
        )
        return f"`{self.index}` is called {' and '.join(names)}"


def two_names(table: SizeTable, bound: BoundModule) -> tuple[TwoNames, ...]:
    """The indices with sizes that are two parameters, unless the code shows these to be equal."""
    return tuple(_found(table, bound))


def _found(table: SizeTable, bound: BoundModule) -> Iterator[TwoNames]:
    for index, places in table.places.items():
        named = [each for each in places if _function_of(each) is not None]
        for first, second in combinations(named, 2) if not index.startswith(ELLIPSIS) else ():
            if _are_apart(first, second, bound):
                yield TwoNames(index, first, second, table.called)
                break


def _function_of(place: Place) -> Function | None:
    """The function of whose parameters the size is one."""
    owner = place.axis.size.owner if isinstance(place.axis.size, Symbol) else None
    return owner if isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _are_apart(first: Place, second: Place, bound: BoundModule) -> bool:
    one, other, function = first.axis.size, second.axis.size, _function_of(first)
    if function is None or function is not _function_of(second):
        return False
    if not isinstance(one, Symbol) or not isinstance(other, Symbol) or one == other:
        return False
    return not _are_compared({one.name, other.name}, function) and not _are_passed_alike(
        one.name, other.name, function, bound
    )


def _are_compared(names: set[str], function: Function) -> bool:
    """Whether a test is about both: it may let only equal ones through."""
    tests = (each for each in ast.walk(function) if isinstance(each, ast.Compare))
    return any(
        names <= {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
        for test in tests
    )


def _are_passed_alike(one: str, other: str, function: Function, bound: BoundModule) -> bool:
    """Whether all calls in the file that pass both pass one expression for them."""
    around = bound.parents.get(function)
    is_made = isinstance(around, ast.ClassDef) and function.name == "__init__"
    name = around.name if isinstance(around, ast.ClassDef) and is_made else function.name
    parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if isinstance(around, ast.ClassDef):
        parameters = parameters[1:]
    alike = []
    for call in bound.named(ast.Call).get(name, ()):
        given = dict(zip(parameters, call.args, strict=False))
        given |= {each.arg: each.value for each in call.keywords if each.arg is not None}
        if one in given and other in given:
            alike.append(ast.dump(given[one]) == ast.dump(given[other]))
    return bool(alike) and all(alike)
