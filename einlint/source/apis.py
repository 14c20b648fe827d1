"""The einsum functions that are understood, one row each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Api:
    """A library's einsum.

    name: what findings call it. module: the library. paths: the dotted names that reach it.
    star_modules: the modules whose star import binds the name `einsum` to it.
    """

    name: str
    module: str
    paths: frozenset[str]
    star_modules: frozenset[str]


APIS: Final = (
    Api(
        name="torch.einsum",
        module="torch",
        paths=frozenset({"torch.einsum", "torch.functional.einsum"}),
        star_modules=frozenset({"torch", "torch.functional"}),
    ),
)


def api_of(path: str) -> Api | None:
    """The API that a dotted name stands for."""
    return next((api for api in APIS if path in api.paths), None)
