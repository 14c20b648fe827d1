"""The user's own wrappers of einsum, as rows beside those of the libraries."""

import os
from collections.abc import Collection, Iterator, Sequence

from einlint.source.apis import APIS, Api


def apis_with(functions: Collection[str], filename: str) -> tuple[Api, ...]:
    """The libraries' functions, then those that these dotted names mean in this file."""
    return (*APIS, *(_wrapper(name, filename) for name in functions))


def _wrapper(name: str, filename: str) -> Api:
    *module, function = name.split(".")
    folders = os.path.dirname(os.path.abspath(filename)).split(os.sep)
    return Api(
        name=name,
        module="torch",
        paths=frozenset({name, *_relative(name.split("."), folders)}),
        star_modules=frozenset({".".join(module)}),
        function=function,
        is_wrapper=True,
    )


def _relative(parts: Sequence[str], folders: Sequence[str]) -> Iterator[str]:
    """The relative paths that mean the dotted name in a file below these folders.

    They do where the folder that the dots lead to is called as the name's first parts are.
    """
    for level in range(1, len(folders) + 1):
        above = folders[: len(folders) - level + 1]
        for depth in range(1, len(parts)):
            if above[-depth:] == parts[:depth]:
                yield "." * level + ".".join(parts[depth:])
