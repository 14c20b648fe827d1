"""The einsum functions that are understood, one row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Api:
    """A library's einsum.

    name: what findings call it. module: the library. paths: the dotted names that reach it.
    star_modules: the modules whose star import binds the name `function` to it.
    is_wrapper: a function of the user's that may do more than einsum does.
    """

    name: str
    module: str
    paths: frozenset[str]
    star_modules: frozenset[str]
    function: str = "einsum"
    is_wrapper: bool = False


APIS: Final = (
    Api(
        name="torch.einsum",
        module="torch",
        paths=frozenset({"torch.einsum", "torch.functional.einsum"}),
        star_modules=frozenset({"torch", "torch.functional"}),
    ),
)


def api_of(path: str, apis: Sequence[Api] = APIS) -> Api | None:
    """The one of the APIs that a dotted name stands for."""
    return next((api for api in apis if path in api.paths), None)
