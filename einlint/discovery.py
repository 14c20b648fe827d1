"""Find the members of a package: rules, rewrites and formats are files that nobody lists by hand."""

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
def members(package: str, kind: type[Member]) -> tuple[Member, ...]:
    """Every module-level value of type `kind` in the modules of `package`, in order of name."""
    return tuple(_members(package, kind))


def _members(package: str, kind: type[Member]) -> Iterator[Member]:
    for name in module_names(package):
        full_name = f"{package}.{name}"
        for value in vars(import_module(full_name)).values():
            if isinstance(value, kind):
                yield value
