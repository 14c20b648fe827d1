"""What functions and methods that are known by name return."""

from typing import Final

from einlint.source.shapes.functional import FUNCTIONAL
from einlint.source.shapes.joining import cat, stack
from einlint.source.shapes.layers import layer_of
from einlint.source.shapes.making import MAKERS, NEW
from einlint.source.shapes.operations import OPERATIONS, same, size
from einlint.source.shapes.rearranging import rearranged
from einlint.source.shapes.selecting import SELECTING
from einlint.source.shapes.sizing import is_tensor
from einlint.source.shapes.state import State
from einlint.source.shapes.values import (
    Given,
    Items,
    Scalar,
    Splice,
    Tensor,
    Thing,
    Value,
)

_FUNCTIONAL: Final = "torch.nn.functional."
_INIT: Final = "torch.nn.init."
_TORCH: Final = ("torch.", _FUNCTIONAL)
_OPERATIONS: Final = {**OPERATIONS, **SELECTING}
_FUNCTIONS: Final = {**_OPERATIONS, "cat": cat, "concat": cat, "stack": stack}
_EINOPS: Final = frozenset({"einops.rearrange", "einops.repeat", "einops.reduce"})
_MANY: Final = frozenset({"einops_exts.rearrange_many", "einops_exts.repeat_many"})
_FLOATS: Final = frozenset(f"math.{name}" for name in ("sqrt", "log", "log2", "exp", "cos", "sin"))

# The names of all functions and methods whose results are known.
KNOWN: Final = frozenset({*_FUNCTIONS, *FUNCTIONAL, *MAKERS, *NEW})


def function_value(path: str, given: Given, state: State) -> Value | None:
    """What a function of another module returns."""
    if path in _EINOPS and len(given.positional) == 2 + (path == "einops.reduce"):
        return rearranged(given, state)
    if path in _MANY and len(given.positional) == 2:
        return _rearranged_many(given, state)
    if path in _FLOATS:
        return Scalar()
    if path == "torch.nn.Parameter" and given.positional:
        value = given.positional[0]
        return value if isinstance(value, Tensor) else None
    layer = layer_of(path, given)
    if layer is not None:
        return layer
    name = path.rpartition(".")[2]
    if path == f"{_INIT}{name}" and name.endswith("_"):
        return same(given, state)
    if path not in {f"{root}{name}" for root in _TORCH}:
        return None
    if name in MAKERS:
        return MAKERS[name](given, state)
    operation = FUNCTIONAL.get(name) if path == f"{_FUNCTIONAL}{name}" else None
    operation = operation or _FUNCTIONS.get(name)
    if operation is None or not given.positional or "out" in dict(given.keywords):
        return None
    return operation(given, state)


def method_value(name: str, receiver: Value, given: Given, state: State) -> Value | None:
    """A method; unknown objects have methods with torch's names too, which are others."""
    if name == "size":
        return size(Given((receiver, *given.positional), given.keywords), state)
    operation = _OPERATIONS.get(name) or NEW.get(name)
    is_known = isinstance(receiver, Tensor) or (
        isinstance(receiver, Thing) and is_tensor(receiver, state)
    )
    if operation is None or not is_known or name.endswith("_like"):
        return None
    return operation(Given((receiver, *given.positional), given.keywords), state)


def _rearranged_many(given: Given, state: State) -> Value | None:
    """One pattern for each of several tensors."""
    tensors, pattern = given.positional
    if not isinstance(tensors, Items):
        return None
    parts = [
        each
        if isinstance(each, Splice)
        else rearranged(Given((each, pattern), given.keywords), state)
        for each in tensors.parts
    ]
    known = tuple(state.thing() if part is None else part for part in parts)
    return Items(known, at_most=tensors.at_most)
