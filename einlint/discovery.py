"""Find the members of a package: nobody lists rules, rewrites and formats by hand."""

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
    """The value of type `kind` that each of `modules` (by default all) of `package` defines.

    Raises:
        TypeError: a module has no such value, or several.
    """
    return tuple(_member(f"{package}.{name}", kind) for name in modules or module_names(package))


def _member(module: str, kind: type[Member]) -> Member:
    found = [value for value in vars(import_module(module)).values() if isinstance(value, kind)]
    if len(found) != 1:
        raise TypeError(f"{module} must define one {kind.__name__}, not {len(found)}")
    return found[0]
