"""Find the members of a package: nobody lists rules, rewrites and formats by hand."""

import os
from functools import cache
from importlib import import_module
from typing import TypeVar

Member = TypeVar("Member")


@cache
def module_names(package: str) -> tuple[str, ...]:
    """The names of the modules in `package`, sorted, without importing them."""
    folders = list(import_module(package).__path__)
    if all(map(os.path.isdir, folders)):
        files = [name for folder in folders for name in os.listdir(folder)]
        names = {name.removesuffix(".py") for name in files if name.endswith(".py")}
        return tuple(sorted(names - {"__init__"}))
    from pkgutil import iter_modules  # within an archive

    return tuple(sorted(info.name for info in iter_modules(folders) if not info.ispkg))


def member(package: str, name: str, kind: type[Member]) -> Member:
    """The value of type `kind` that the module `name` of `package` defines.

    Raises:
        TypeError: it has no such value, or several.
    """
    module = import_module(f"{package}.{name}")
    found = [value for value in vars(module).values() if isinstance(value, kind)]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define one {kind.__name__}, not {len(found)}")
    return found[0]


@cache
def members(package: str, kind: type[Member]) -> tuple[Member, ...]:
    """The value of type `kind` that each module of `package` defines.

    Raises:
        TypeError: a module has no such value, or several.
    """
    return tuple(member(package, name, kind) for name in module_names(package))
