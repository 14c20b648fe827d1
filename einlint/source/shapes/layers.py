"""The shapes that torch's modules return, from what they were made with."""

from collections.abc import Callable
from typing import Final, TypeAlias

from einlint.algebra.amounts import constant
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.operations import flatten, same
from einlint.source.shapes.rearranging import rearranged
from einlint.source.shapes.sizing import amount_of, integer, lifted, with_axis, with_last
from einlint.source.shapes.state import State
from einlint.source.shapes.stretching import unflatten
from einlint.source.shapes.values import Given, Layer, Number, Thing, Value

_Rule: TypeAlias = Callable[[Layer, Value, State], Value | None]

_SAME: Final = (
    "Softmax LogSoftmax LayerNorm RMSNorm GroupNorm BatchNorm1d BatchNorm2d BatchNorm3d "
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d ReLU ReLU6 LeakyReLU ELU GELU SiLU Mish "
    "Sigmoid Tanh Softplus Hardswish Dropout Dropout1d Dropout2d Dropout3d"
)
_LINEAR: Final = "torch.nn.Linear"
_SEQUENTIAL: Final = "torch.nn.Sequential"
_EMBEDDING: Final = "torch.nn.Embedding"
_CONVOLUTIONS: Final = {f"torch.nn.Conv{rank}d": rank for rank in (1, 2, 3)}
_POOLS: Final = {
    f"torch.nn.{kind}Pool{rank}d": rank
    for kind in ("Max", "Avg", "AdaptiveMax", "AdaptiveAvg")
    for rank in (1, 2, 3)
}


def layer_of(path: str, given: Given) -> Layer | None:
    """The module that a call makes."""
    return Layer(path, given) if path in _RULES else None


def applied(layer: Layer, value: Value, state: State) -> Value | None:
    """What a module returns for one tensor."""
    return _RULES[layer.path](layer, value, state)


def numbers_of(layer: Layer) -> list[Thing]:
    """What is passed as a number of features is an integer, or torch would raise."""
    given = layer.given
    if layer.path == _SEQUENTIAL:
        inner = (each for each in given.positional if isinstance(each, Layer))
        return [number for each in inner for number in numbers_of(each)]
    if layer.path in {_LINEAR, _EMBEDDING} or layer.path in _CONVOLUTIONS:
        return [value for value in given.positional[:2] if isinstance(value, Thing)]
    return []


def _chained(layer: Layer, value: Value, state: State) -> Value | None:
    for each in layer.given.positional:
        known = applied(each, value, state) if isinstance(each, Layer) else None
        value = state.thing() if known is None else known
    return value


def _same(_: Layer, value: Value, state: State) -> Value | None:
    return same(Given((value,)), state)


def _rearranged(layer: Layer, value: Value, state: State) -> Value | None:
    made = layer.given
    return rearranged(Given((value, *made.positional), made.keywords), state)


def _linear(layer: Layer, value: Value, state: State) -> Value | None:
    axis = _features(layer, state)
    return None if axis is None or state.shape(value) == () else with_axis(value, -1, axis, state)


def _embedded(layer: Layer, value: Value, state: State) -> Value | None:
    axis = _features(layer, state)
    return None if axis is None else with_last(value, axis, state)


def _features(layer: Layer, state: State) -> Axis | None:
    """The axis that a module makes."""
    amount = amount_of(layer.given.get(1, "out_features", "out_channels", "embedding_dim"))
    return None if amount is None else state.sized(amount)


def _convolved(layer: Layer, value: Value, state: State) -> Value | None:
    """The channels replaced; the axes behind them stay only where the padding makes up."""
    rank, axis, keeps = (
        _CONVOLUTIONS[layer.path],
        _features(layer, state),
        _keeps_sizes(layer.given),
    )
    if axis is None:
        return None

    def change(shape: Shape) -> Shape | None:
        if len(shape) not in {rank + 1, rank + 2}:
            return None
        behind = shape[-rank:] if keeps else tuple(state.unknown() for _ in range(rank))
        return (*shape[: -rank - 1], axis, *behind)

    result = lifted(value, change, state)
    if isinstance(result, Thing):
        state.learn(result, -rank - 1, axis)
    return result


def _pooled(layer: Layer, value: Value, state: State) -> Value | None:
    """The channels stay; with the places of the maxima it would be two tensors."""
    rank, made = _POOLS[layer.path], layer.given
    places = 1 if "Adaptive" in layer.path else 4
    if made.get(places, "return_indices") is not None:
        return None

    def change(shape: Shape) -> Shape | None:
        if len(shape) not in {rank + 1, rank + 2}:
            return None
        return (*shape[:-rank], *(state.unknown() for _ in range(rank)))

    return lifted(value, change, state)


def _flattened(layer: Layer, value: Value, state: State) -> Value | None:
    """Behind the first axis, unless told otherwise."""
    made = layer.given
    keywords = made.keywords
    if not made.positional and not any(name == "start_dim" for name, _ in keywords):
        keywords = (*keywords, ("start_dim", Number(constant(1))))
    return flatten(Given((value, *made.positional), keywords), state)


def _unflattened(layer: Layer, value: Value, state: State) -> Value | None:
    made = layer.given
    names = {"unflattened_size": "sizes"}
    keywords = tuple((names.get(name, name), each) for name, each in made.keywords)
    return unflatten(Given((value, *made.positional), keywords), state)


def _keeps_sizes(made: Given) -> bool:
    """Whether stride and dilation are 1, and the padding is half of an odd kernel."""
    kernel, stride = integer(made.get(2, "kernel_size")), _or(made.get(3, "stride"), 1)
    padding, dilation = _or(made.get(4, "padding"), 0), _or(made.get(5, "dilation"), 1)
    return (
        kernel is not None
        and stride == dilation == 1
        and padding is not None
        and (kernel == 2 * padding + 1)
    )


def _or(value: Value | None, default: int) -> int | None:
    return default if value is None else integer(value)


_RULES: Final[dict[str, _Rule]] = {
    **dict.fromkeys((f"torch.nn.{name}" for name in _SAME.split()), _same),
    **dict.fromkeys(_CONVOLUTIONS, _convolved),
    **dict.fromkeys(_POOLS, _pooled),
    "torch.nn.Identity": lambda _, value, __: value,
    _LINEAR: _linear,
    _EMBEDDING: _embedded,
    _SEQUENTIAL: _chained,
    "torch.nn.Flatten": _flattened,
    "torch.nn.Unflatten": _unflattened,
    "einops.layers.torch.Rearrange": _rearranged,
    "einops.layers.torch.Reduce": _rearranged,
}
