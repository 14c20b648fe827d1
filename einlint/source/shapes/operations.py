"""The shapes of results, by the name of the torch function or method; the tensor comes first."""

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
    solved,
    tensor,
    total,
)
from einlint.source.shapes.state import Operation, State
from einlint.source.shapes.stretching import expand, repeat, repeat_interleave, unflatten
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
    """Two operands broadcast against each other."""
    return _broadcast(given.positional[:2], state) if len(given.positional) > 1 else None


def where(given: Given, state: State) -> Value | None:
    """A condition and two operands, all broadcast; as a method the condition is the second."""
    return _broadcast(given.positional, state) if len(given.positional) == 3 else None


def clamp(given: Given, state: State) -> Value | None:
    """Bounds that are tensors are broadcast, too; numbers leave the shape."""
    bounds = [*given.positional[1:], *(value for _, value in given.keywords)]
    if all(is_scalar(each, state) or each == Literal(None) for each in bounds):
        return same(given, state)
    return None


def _broadcast(values: tuple[Value, ...], state: State) -> Value | None:
    shapes: list[Shape] = []
    for value in values:
        shape = state.shape(value)
        if shape is not None:
            shapes.append(shape)
        elif not is_scalar(value, state):
            return None
    return Tensor(broadcast(shapes, state.unknown)) if shapes else None


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
    axis, one = integer(given.get(1, "dim")), Axis(1, state.text, state.offset)
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
    return tensor(solved(target, state.shape(given.positional[0]), state))


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
    axis = state.sized(total(shape[first : last + 1], state))
    return Tensor((*shape[:first], axis, *shape[last + 1 :]))


def reduced(given: Given, state: State) -> Value | None:
    """Some axes less, or of size 1: sum, mean and their like."""
    return _reduced(given, given.get(2, "keepdim"), state)


def moment(given: Given, state: State) -> Value | None:
    """Var and std: what stands behind the axes is the correction, not whether these are kept."""
    if len(given.positional) > 3:
        return None
    return _reduced(given, Given((), given.keywords).get(0, "keepdim"), state)


def _reduced(given: Given, keep: Value | None, state: State) -> Value | None:
    dims = given.get(1, "dim")
    if keep is not None and not isinstance(keep, Literal):
        return None
    if dims is None:
        return None if keep is not None else Tensor(())
    parts = dims.parts if isinstance(dims, Items) else (dims,)
    numbers = [number for part in parts if (number := integer(part)) is not None]
    if len(numbers) != len(parts) or not parts:
        return None
    kept = (Axis(1, state.text, state.offset),) if keep == Literal(True) else ()

    def change(shape: Shape) -> Shape | None:
        places = {position(each, len(shape)) for each in numbers}
        if None in places or len(places) != len(numbers):
            return None
        axes = (kept if k in places else (axis,) for k, axis in enumerate(shape))
        return tuple(axis for each in axes for axis in each)

    return lifted(given.get(0, "input"), change, state, 0 if kept else -len(numbers))


def turned(given: Given, state: State) -> Value | None:
    """`x.t()`: of a matrix."""
    shape = state.shape(given.get(0, "input"))
    if shape is not None and len(shape) < 2:
        return Tensor(shape)
    return lifted(given.get(0, "input"), matrix_turned, state)


def matrix_turned(shape: Shape) -> Shape | None:
    """The rows and columns of a matrix exchanged."""
    return swapped(shape, 0, 1) if len(shape) == 2 else None


def like(given: Given, state: State) -> Value | None:
    """The shape of the second operand."""
    return same(Given(given.positional[1:]), state) if len(given.positional) == 2 else None


def size(given: Given, state: State) -> Value | None:
    """`x.size()` and `x.size(axis)`."""
    match given.positional:
        case (value,) if not given.keywords:
            return shape_value(value, state)
        case (value, place) if (number := integer(place)) is not None:
            return axis_value(value, number, state)
    return None


_SAME = (
    "softmax log_softmax relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg sin cos dropout "
    "contiguous clone detach float half double bfloat16 to cuda cpu softplus "
    "masked_fill_ add_ sub_ mul_ div_ clamp_ relu_ "
    "normalize layer_norm square log2 log1p expm1 erf nan_to_num round floor ceil "
    "leaky_relu elu requires_grad_ detach_ flip roll "
    "cumsum triu tril logical_not bitwise_not argsort type_as "
    "rand_like randn_like zeros_like ones_like empty_like"
)
_TWO = (
    "add sub mul div pow maximum minimum masked_fill "
    "eq ne lt le gt ge logical_and logical_or bitwise_and bitwise_or"
)
OPERATIONS: Final[dict[str, Operation]] = {
    **dict.fromkeys(_SAME.split(), same),
    **dict.fromkeys(_TWO.split(), elementwise),
    **dict.fromkeys(("clamp", "clip"), clamp),
    **dict.fromkeys(("expand_as", "view_as", "reshape_as"), like),
    **dict.fromkeys(("matmul", "bmm"), matmul),
    **dict.fromkeys(("transpose", "swapaxes"), transpose),
    **dict.fromkeys(("view", "reshape"), view),
    **dict.fromkeys(("sum", "mean", "amax", "amin", "logsumexp", "prod", "any", "all"), reduced),
    **dict.fromkeys(("argmax", "argmin"), reduced),
    **dict.fromkeys(("var", "std"), moment),
    "where": where,
    "t": turned,
    "expand": expand,
    "repeat": repeat,
    "repeat_interleave": repeat_interleave,
    "unflatten": unflatten,
    "permute": permute,
    "unsqueeze": unsqueeze,
    "squeeze": squeeze,
    "flatten": flatten,
    "chunk": chunk,
    "split": split,
    "unbind": unbind,
    "type": cast,
}
