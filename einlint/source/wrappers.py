"""The user's own wrappers of einsum (the setting `functions`) as APIs."""

import os
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from einlint.source.apis import APIS, Api

_PACKAGE: Final = f"{os.sep}__init__"


def apis_with(functions: Collection[str], filename: str) -> tuple[Api, ...]:
    """The known einsum functions, then the wrappers with these dotted names."""
    return (*APIS, *(_wrapper(name, filename) for name in functions))


def _wrapper(name: str, filename: str) -> Api:
    *module, function = name.split(".")
    path = os.path.splitext(os.path.abspath(filename))[0].removesuffix(_PACKAGE)
    folders = os.path.dirname(os.path.abspath(filename)).split(os.sep)
    return Api(
        name=name,
        module="torch",
        paths=frozenset({name, *_relative(name.split("."), folders)}),
        star_modules=frozenset({".".join(module)}),
        function=function,
        is_wrapper=True,
        is_here=path.split(os.sep)[-len(module) :] == module,
    )


def _relative(parts: Sequence[str], folders: Sequence[str]) -> Iterator[str]:
    """The relative import paths of the dotted name in a file in these folders.

    A relative path fits if the folder that its dots lead to has the first parts of the name.
    """
    for level in range(1, len(folders) + 1):
        above = folders[: len(folders) - level + 1]
        for depth in range(1, len(parts)):
            if above[-depth:] == parts[:depth]:
                yield "." * level + ".".join(parts[depth:])
