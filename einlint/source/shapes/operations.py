"""The shapes of results, by the name of the torch function or method; the tensor comes first."""

from math import gcd
from typing import Final

from einlint.algebra.amounts import constant
from einlint.algebra.shapes import broadcast, permuted, position, product, swapped
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.dividing import chunk, split, unbind
from einlint.source.shapes.sizing import (
    axes_of,
    axis_value,
    integer,
    is_scalar,
    is_tensor,
    lifted,
    shape_value,
    tensor,
    total,
)
from einlint.source.shapes.state import Operation, State
from einlint.source.shapes.values import (
    Given,
    Items,
    Literal,
    Number,
    Tensor,
    Thing,
    Value,
)


def same(given: Given, state: State) -> Value | None:
    """The shape of the first operand; a thing of unknown rank shares it with the result."""
    match given.get(0, "input"):
        case Tensor() as tensor:
            return tensor
        case Thing() as thing:
            identity = state.symbols.identity()
            return Thing("?", identity, thing.shape_identity, is_tensor=True)
    return None


def elementwise(given: Given, state: State) -> Value | None:
    """Operands broadcast against each other."""
    if len(given.positional) < 2:
        return None
    shapes: list[Shape] = []
    for value in given.positional[:2]:
        shape = state.shape(value)
        if shape is not None:
            shapes.append(shape)
        elif not is_scalar(value, state):
            return None
    return Tensor(broadcast(shapes, state.unknown)) if shapes else None


def clamped(given: Given, state: State) -> Value | None:
    """The shape of the first operand; bounds that are tensors would broadcast."""
    bounds = (given.get(1, "min"), given.get(2, "max"))
    is_plain = all(
        bound in {None, Literal(None)} or is_scalar(bound, state) for bound in bounds if bound
    )
    return same(given, state) if is_plain else None


def cast(given: Given, state: State) -> Value | None:
    """`x.type(dtype)`; without one it is a string."""
    return same(given, state) if len(given.positional) == 2 else None


def matmul(given: Given, state: State) -> Value | None:
    """`@`, matmul and bmm."""
    if len(given.positional) != 2:
        return None
    left, right = map(state.shape, given.positional)
    return tensor(product(left, right, state.unknown) if left and right else None)


def transpose(given: Given, state: State) -> Value | None:
    """Two axes exchanged."""
    one, other = integer(given.get(1, "dim0")), integer(given.get(2, "dim1"))
    if one is None or other is None:
        return None
    return lifted(given.get(0, "input"), lambda shape: swapped(shape, one, other), state)


def permute(given: Given, state: State) -> Value | None:
    """All axes in a new order, so there are as many."""
    value, axes = given.get(0), [integer(each) for each in given.rest(1)]
    known = [axis for axis in axes if axis is not None]
    shape = state.ranked(value, len(axes)) if isinstance(value, Thing) else state.shape(value)
    if given.keywords or shape is None or len(known) < len(axes) or len(axes) != len(shape):
        return None
    return tensor(permuted(shape, known))


def unsqueeze(given: Given, state: State) -> Value | None:
    """A new axis of size 1."""
    axis, one = integer(given.get(1, "dim")), Axis(1, state.text, state.row)
    if axis is None:
        return None

    def change(shape: Shape) -> Shape | None:
        place = position(axis, len(shape) + 1)
        return None if place is None else (*shape[:place], one, *shape[place:])

    return lifted(given.get(0, "input"), change, state, 1)


def squeeze(given: Given, state: State) -> Value | None:
    """One axis less where it is known to have size 1."""
    shape, axis = state.shape(given.get(0, "input")), integer(given.get(1, "dim"))
    if shape is None or axis is None or (place := position(axis, len(shape))) is None:
        return None
    size = shape[place].size
    if not isinstance(size, int):
        return None
    return Tensor(shape[:place] + shape[place + 1 :]) if size == 1 else Tensor(shape)


def view(given: Given, state: State) -> Value | None:
    """View and reshape: one -1 is what is left of the product of all sizes."""
    values = given.positional[1:]
    target = axes_of(values, state) if values and not given.keywords else None
    if target is None or not isinstance(given.positional[0], (Tensor, Thing)):
        return None
    if isinstance(given.positional[0], Thing) and not is_tensor(given.positional[0], state):
        return None
    wild = [place for place, axis in enumerate(target) if axis.size == -1]
    if len(wild) > 1:
        return None
    if not wild:
        return Tensor(tuple(_sure(axis, state) for axis in target))
    source = state.shape(given.positional[0])
    rest = target[: wild[0]] + target[wild[0] + 1 :]
    left = None if source is None else total(source, state)
    size = None
    if left is not None:
        others = total(rest, state)
        if others.constant != 0:
            size = state.symbols.size(state.symbols.quotient(left, others))
    found = state.unknown() if size is None else Axis(size, state.text, state.row)
    return Tensor((*target[: wild[0]], found, *target[wild[0] + 1 :]))


def flatten(given: Given, state: State) -> Value | None:
    """Several axes made one."""
    shape = state.shape(given.get(0, "input"))
    start = integer(given.get(1, "start_dim") or Number(constant(0)))
    end = integer(given.get(2, "end_dim") or Number(constant(-1)))
    if not shape or start is None or end is None:
        return None
    first, last = position(start, len(shape)), position(end, len(shape))
    if first is None or last is None or first > last:
        return None
    size = state.symbols.size(total(shape[first : last + 1], state))
    return Tensor((*shape[:first], Axis(size, state.text, state.row), *shape[last + 1 :]))


def reduced(given: Given, state: State) -> Value | None:
    """Some axes less, or of size 1: sum, mean and their like."""
    shape = state.shape(given.get(0, "input"))
    keep = given.get(2, "keepdim")
    dims = given.get(1, "dim")
    if shape is None or (keep is not None and not isinstance(keep, Literal)):
        return None
    if dims is None:
        return None if keep is not None else Tensor(())
    parts = dims.parts if isinstance(dims, Items) else (dims,)
    numbers = [integer(part) for part in parts]
    places = {position(each, len(shape)) for each in numbers if each is not None}
    if None in numbers or None in places or not parts:
        return None
    if isinstance(keep, Literal) and keep.value is True:
        one = Axis(1, state.text, state.row)
        return Tensor(tuple(one if k in places else axis for k, axis in enumerate(shape)))
    return Tensor(tuple(axis for k, axis in enumerate(shape) if k not in places))


def size(given: Given, state: State) -> Value | None:
    """`x.size()` and `x.size(axis)`."""
    match given.positional:
        case (value,) if not given.keywords:
            return shape_value(value, state)
        case (value, place) if (number := integer(place)) is not None:
            return axis_value(value, number, state)
    return None


def _sure(axis: Axis, state: State) -> Axis:
    """The axis, or an unknown one where a name may stand for -1."""
    assert axis.size is not None
    amount = state.symbols.amount(axis.size)
    if gcd(*(factor for _, factor in amount.terms)) > 1:
        return axis
    is_sure = amount.symbols <= state.symbols.measured
    is_positive = all(factor > 0 for _, factor in amount.terms)
    return axis if is_sure and is_positive else state.unknown()


_SAME = (
    "softmax log_softmax relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg sin cos dropout "
    "contiguous clone detach float half double bfloat16 to cuda cpu softplus "
    "masked_fill_ add_ sub_ mul_ div_ clamp_ relu_ "
    "normalize layer_norm square log2 log1p expm1 erf nan_to_num round floor ceil "
    "leaky_relu elu requires_grad_ detach_ flip roll "
    "cumsum triu tril rand_like randn_like zeros_like ones_like empty_like"
)
OPERATIONS: Final[dict[str, Operation]] = {
    **dict.fromkeys(_SAME.split(), same),
    **dict.fromkeys(("add", "sub", "mul", "div", "masked_fill"), elementwise),
    **dict.fromkeys(("clamp", "clip"), clamped),
    **dict.fromkeys(("matmul", "bmm"), matmul),
    **dict.fromkeys(("transpose", "swapaxes"), transpose),
    **dict.fromkeys(("view", "reshape"), view),
    **dict.fromkeys(("sum", "mean", "amax", "amin", "logsumexp"), reduced),
    "permute": permute,
    "unsqueeze": unsqueeze,
    "squeeze": squeeze,
    "flatten": flatten,
    "chunk": chunk,
    "split": split,
    "unbind": unbind,
    "type": cast,
}
