"""The table of known einsum functions."""

from collections.abc import Sequence
from typing import Final, NamedTuple


class Api(NamedTuple):
    """A library's einsum.

    name: its name in findings. module: the library. paths: its dotted names.
    star_modules: the modules whose star import binds the name `function` to it.
    is_wrapper: a function of the user, which may do more than einsum.
    is_here: the file at hand is its module.
    """

    name: str
    module: str
    paths: frozenset[str]
    star_modules: frozenset[str]
    function: str = "einsum"
    is_wrapper: bool = False
    is_here: bool = False


APIS: Final = (
    Api(
        name="torch.einsum",
        module="torch",
        paths=frozenset({"torch.einsum", "torch.functional.einsum"}),
        star_modules=frozenset({"torch", "torch.functional"}),
    ),
)


def api_of(path: str, apis: Sequence[Api] = APIS) -> Api | None:
    """The API with this dotted name."""
    return next((api for api in apis if path in api.paths), None)
