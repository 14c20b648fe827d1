"""The shapes of results, by the name of the torch function or method; the tensor comes first."""

from collections.abc import Callable
from typing import Final, TypeAlias

from einlint.algebra.amounts import Amount, constant, multiplied
from einlint.algebra.shapes import broadcast, permuted, position, product, swapped
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.state import State
from einlint.source.shapes.values import (
    Given,
    Items,
    Literal,
    Number,
    Scalar,
    ShapeOf,
    Splice,
    Tensor,
    Thing,
    Value,
)

Operation: TypeAlias = Callable[[Given, State], Value | None]


def amount_of(value: Value | Splice | None) -> Amount | None:
    """The integer that a value is, if it is one."""
    if isinstance(value, Number):
        return value.amount
    if isinstance(value, Thing) and not value.is_tensor:
        return Amount((((value.symbol,), 1),))
    return None


def integer(value: Value | Splice | None) -> int | None:
    """A literal integer."""
    amount = amount_of(value)
    return None if amount is None else amount.constant


def axes_of(values: tuple[Value, ...], state: State) -> Shape | None:
    """Sizes passed as arguments, or as one tuple."""
    match values:
        case (Items(parts=parts),):
            return sizes(parts, state)
        case (Number(amount=amount),) if not amount.symbols & state.symbols.doubtful:
            return sizes(values, state)
        case (_,):
            return None  # it may be a whole tuple of sizes, or a dtype
    return sizes(values, state)


def sizes(parts: tuple[Value | Splice, ...], state: State) -> Shape | None:
    """A tuple of sizes as axes."""
    axes: list[Axis] = []
    for part in parts:
        amount = amount_of(part)
        if amount is None:
            return None
        number = amount.constant
        if number is not None and number < -1:
            return None
        axes.append(Axis(state.symbols.size(amount), state.text, state.row))
    return tuple(axes)


def made(given: Given, state: State) -> Value | None:
    """Sizes as arguments or as one tuple: randn and its like."""
    if not given.positional or any(name in {"size", "out"} for name, _ in given.keywords):
        return None
    shape = axes_of(given.positional, state)
    return _tensor(None if shape and any(axis.size == -1 for axis in shape) else shape)


def full(given: Given, state: State) -> Value | None:
    """A fill value behind one tuple of sizes."""
    return made(Given(given.positional[:1]), state) if len(given.positional) == 2 else None


def eye(given: Given, state: State) -> Value | None:
    """One size or two."""
    shape = axes_of(given.positional[:2], state) if len(given.positional) in {1, 2} else None
    match given.positional:
        case (Number(),):
            shape = axes_of((given.positional[0],) * 2, state)
        case (_,):
            return None
    return _tensor(shape)


def arange(given: Given, state: State) -> Value | None:
    """One axis, of a known size if it starts at 0."""
    match given.positional:
        case (Number(),) if (integer(given.positional[0]) or 0) >= 0:
            shape = axes_of(given.positional, state)
            return _tensor(shape) or Tensor((state.unknown(),))
    return Tensor((state.unknown(),))


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


def is_scalar(value: Value, state: State) -> bool:
    """Whether it is a Python number, and so no tensor, which could broadcast."""
    match value:
        case Number(amount=amount):
            return not amount.symbols & state.symbols.doubtful
        case Scalar(symbols=symbols):
            return not symbols & state.symbols.doubtful
        case Literal(value=bool()):
            return True
    return False


def matmul(given: Given, state: State) -> Value | None:
    """`@`, matmul and bmm."""
    if len(given.positional) != 2:
        return None
    left, right = map(state.shape, given.positional)
    return _tensor(product(left, right, state.unknown) if left and right else None)


def transpose(given: Given, state: State) -> Value | None:
    """Two axes exchanged."""
    shape = state.shape(given.get(0, "input"))
    one, other = integer(given.get(1, "dim0")), integer(given.get(2, "dim1"))
    if shape is None or one is None or other is None:
        return None
    return _tensor(swapped(shape, one, other))


def permute(given: Given, state: State) -> Value | None:
    """All axes in a new order."""
    shape = state.shape(given.get(0))
    axes = [integer(each) for each in given.rest(1)]
    known = [axis for axis in axes if axis is not None]
    if given.keywords or shape is None or len(known) < len(axes) or len(axes) != len(shape):
        return None
    return _tensor(permuted(shape, known))


def unsqueeze(given: Given, state: State) -> Value | None:
    """A new axis of size 1."""
    shape, axis = state.shape(given.get(0, "input")), integer(given.get(1, "dim"))
    if shape is None or axis is None or (place := position(axis, len(shape) + 1)) is None:
        return None
    return Tensor((*shape[:place], Axis(1, state.text, state.row), *shape[place:]))


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
    if isinstance(given.positional[0], Thing) and not _is_tensor(given.positional[0], state):
        return None
    wild = [place for place, axis in enumerate(target) if axis.size == -1]
    if len(wild) > 1:
        return None
    if not wild:
        return Tensor(tuple(_sure(axis, state) for axis in target))
    source = state.shape(given.positional[0])
    rest = target[: wild[0]] + target[wild[0] + 1 :]
    left = None if source is None else _total(source, state)
    size = None
    if left is not None:
        others = _total(rest, state)
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
    size = state.symbols.size(_total(shape[first : last + 1], state))
    return Tensor((*shape[:first], Axis(size, state.text, state.row), *shape[last + 1 :]))


def reduced(given: Given, state: State) -> Value | None:
    """Some axes less, or of size 1: sum, mean and their like."""
    shape = state.shape(given.get(0, "input"))
    keep = given.get(2, "keepdim", "keepdims")
    dims = given.get(1, "dim", "axis")
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


def chunk(given: Given, state: State) -> Value | None:
    """Only into parts that are equal for sure."""
    value, count = given.get(0, "input"), integer(given.get(1, "chunks"))
    place = integer(given.get(2, "dim") or Number(constant(0)))
    if count is None or not 0 < count < 100 or place is None:
        return None
    if isinstance(value, Thing) and state.shape(value) is None:
        axis = state.axis(value, place) if _is_tensor(value, state) else None
    else:
        shape = state.shape(value)
        fits = shape is not None and position(place, len(shape)) is not None
        axis = shape[place] if shape is not None and fits else None
    if axis is None or axis.size is None:
        return None
    total = state.symbols.amount(axis.size)
    if any(factor % count for _, factor in total.terms):
        return None
    size = state.symbols.size(state.symbols.quotient(total, constant(count)))
    part = Axis(size, state.text, state.row)
    return Items(tuple(_with(value, place, part, state) for _ in range(count)))


def _with(value: Value | None, place: int, axis: Axis, state: State) -> Value:
    shape = state.shape(value)
    if shape is not None:
        at = place % len(shape)
        return Tensor((*shape[:at], axis, *shape[at + 1 :]))
    thing = state.thing(is_tensor=True)
    state.learn(thing, place, axis)
    return thing


def linear(given: Given, state: State) -> Value | None:
    """The last axis replaced: nn.Linear, given its input and its out_features."""
    value, features = given.positional[0], amount_of(given.positional[1])
    if features is None:
        return None
    axis = Axis(state.symbols.size(features), state.text, state.row)
    if state.shape(value) == ():
        return None
    return _with(value, -1, axis, state)


def conv2d(given: Given, state: State) -> Value | None:
    """The third axis from the right replaced: nn.Conv2d, given its input and its out_channels."""
    value, channels = given.positional[0], amount_of(given.positional[1])
    if channels is None:
        return None
    axis = Axis(state.symbols.size(channels), state.text, state.row)
    shape = state.shape(value)
    if shape is None:
        return _with(None, -3, axis, state)
    if len(shape) not in {3, 4}:
        return None
    return Tensor((*shape[:-3], axis, state.unknown(), state.unknown()))


def size(given: Given, state: State) -> Value | None:
    """`x.size()` and `x.size(axis)`."""
    match given.positional:
        case (value,) if not given.keywords:
            return shape_value(value, state)
        case (value, place) if (number := integer(place)) is not None:
            return axis_value(value, number, state)
    return None


def shape_value(value: Value, state: State) -> Value | None:
    """`x.shape`."""
    shape = state.shape(value)
    if shape is not None:
        return Items(tuple(_number(axis, state) for axis in shape))
    return ShapeOf(value) if isinstance(value, Thing) else None


def axis_value(value: Value, place: int, state: State) -> Value | None:
    """`x.shape[place]`."""
    shape = state.shape(value)
    if shape is not None:
        fits = position(place, len(shape)) is not None
        return _number(shape[place], state) if fits else None
    axis = state.axis(value, place) if isinstance(value, Thing) else None
    return None if axis is None else _number(axis, state)


def _number(axis: Axis, state: State) -> Number:
    assert axis.size is not None
    return Number(state.symbols.amount(axis.size))


def _is_tensor(thing: Thing, state: State) -> bool:
    return thing.is_tensor or thing.shape_identity in state.shapes


def _tensor(shape: Shape | None) -> Tensor | None:
    return None if shape is None else Tensor(shape)


def _sure(axis: Axis, state: State) -> Axis:
    """The axis, or an unknown one where a name may stand for -1."""
    assert axis.size is not None
    amount = state.symbols.amount(axis.size)
    is_sure = amount.symbols <= state.symbols.measured
    is_positive = all(factor > 0 for _, factor in amount.terms)
    return axis if is_sure and is_positive else state.unknown()


def _total(shape: Shape, state: State) -> Amount:
    total = constant(1)
    for axis in shape:
        assert axis.size is not None
        total = state.symbols.bounded(multiplied(total, state.symbols.amount(axis.size)))
    return total


_SAME = (
    "softmax log_softmax relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg sin cos dropout "
    "contiguous clone detach float half double bfloat16 to cuda cpu softplus "
    "cumsum triu tril rand_like randn_like zeros_like ones_like empty_like"
)
OPERATIONS: Final[dict[str, Operation]] = {
    **dict.fromkeys(_SAME.split(), same),
    **dict.fromkeys(("add", "sub", "mul", "div", "masked_fill"), elementwise),
    **dict.fromkeys(("matmul", "bmm"), matmul),
    **dict.fromkeys(("transpose", "swapaxes"), transpose),
    **dict.fromkeys(("view", "reshape"), view),
    **dict.fromkeys(("sum", "mean"), reduced),
    "permute": permute,
    "unsqueeze": unsqueeze,
    "squeeze": squeeze,
    "flatten": flatten,
    "chunk": chunk,
}
MAKERS: Final[dict[str, Operation]] = {
    **dict.fromkeys(("randn", "rand", "zeros", "ones", "empty"), made),
    "full": full,
    "eye": eye,
    "arange": arange,
}
