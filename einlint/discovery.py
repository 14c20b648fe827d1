"""Find the members of a package: nobody lists rules, rewrites and formats by hand."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

Member = TypeVar("Member")


def module_names(package: str) -> tuple[str, ...]:
    """The names of the modules in `package`, sorted, without importing them."""
    path = import_module(package).__path__
    return tuple(sorted(info.name for info in iter_modules(path) if not info.ispkg))


@cache
def members(
    package: str, kind: type[Member], modules: tuple[str, ...] | None = None
) -> tuple[Member, ...]:
    """Every module-level value of type `kind` in `modules` (by default all) of `package`."""
    return tuple(_members(package, kind, modules or module_names(package)))


def _members(package: str, kind: type[Member], modules: tuple[str, ...]) -> Iterator[Member]:
    for name in modules:
        for value in vars(import_module(f"{package}.{name}")).values():
            if isinstance(value, kind):
                yield value
