"""The shapes that torch's modules return, from what they were made with."""

from typing import Final

from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.operations import same
from einlint.source.shapes.rearranging import rearranged
from einlint.source.shapes.sizing import amount_of, integer, lifted, with_axis
from einlint.source.shapes.state import State
from einlint.source.shapes.values import Given, Layer, Thing, Value

_SAME_NAMES: Final = (
    "Softmax LogSoftmax LayerNorm RMSNorm GroupNorm BatchNorm1d BatchNorm2d BatchNorm3d "
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d ReLU ReLU6 LeakyReLU ELU GELU SiLU Mish "
    "Sigmoid Tanh Softplus Hardswish Dropout Dropout1d Dropout2d Dropout3d"
)
_SAME: Final = frozenset(f"torch.nn.{name}" for name in _SAME_NAMES.split())
_IDENTITY: Final = "torch.nn.Identity"
_LINEAR: Final = "torch.nn.Linear"
_SEQUENTIAL: Final = "torch.nn.Sequential"
_EMBEDDING: Final = "torch.nn.Embedding"
_CONVOLUTIONS: Final = {f"torch.nn.Conv{rank}d": rank for rank in (1, 2, 3)}
_PATTERNS: Final = frozenset({"einops.layers.torch.Rearrange", "einops.layers.torch.Reduce"})
_LAYERS: Final = frozenset(
    {_IDENTITY, _LINEAR, _EMBEDDING, _SEQUENTIAL, *_SAME, *_CONVOLUTIONS, *_PATTERNS}
)


def layer_of(path: str, given: Given) -> Layer | None:
    """The module that a call makes."""
    return Layer(path, given) if path in _LAYERS else None


def applied(layer: Layer, value: Value, state: State) -> Value | None:
    """What a module returns for one tensor."""
    made = layer.given
    if layer.path == _SEQUENTIAL:
        return _chained(made, value, state)
    if layer.path == _IDENTITY:
        return value
    if layer.path in _SAME:
        return same(Given((value,)), state)
    if layer.path in _PATTERNS:
        return rearranged(Given((value, *made.positional), made.keywords), state)
    features = amount_of(made.get(1, "out_features", "out_channels", "embedding_dim"))
    if features is None:
        return None
    axis = Axis(state.symbols.size(features), state.text, state.row)
    if layer.path == _EMBEDDING:
        return lifted(value, lambda shape: (*shape, axis), state, 1)
    if state.shape(value) == ():
        return None
    if layer.path == _LINEAR:
        return with_axis(value, -1, axis, state)
    return _convolved(_CONVOLUTIONS[layer.path], made, value, axis, state)


def numbers_of(layer: Layer) -> list[Thing]:
    """What is passed as a number of features is an integer, or torch would raise."""
    given = layer.given
    if layer.path == _SEQUENTIAL:
        inner = (each for each in given.positional if isinstance(each, Layer))
        return [number for each in inner for number in numbers_of(each)]
    if layer.path in {_LINEAR, _EMBEDDING} or layer.path in _CONVOLUTIONS:
        return [value for value in given.positional[:2] if isinstance(value, Thing)]
    return []


def _chained(made: Given, value: Value, state: State) -> Value | None:
    for each in made.positional:
        known = applied(each, value, state) if isinstance(each, Layer) else None
        value = state.thing() if known is None else known
    return value


def _convolved(rank: int, made: Given, value: Value, axis: Axis, state: State) -> Value | None:
    """The channels replaced; the axes behind them stay only where the padding makes up."""
    keeps = _keeps_sizes(made)

    def change(shape: Shape) -> Shape | None:
        if len(shape) not in {rank + 1, rank + 2}:
            return None
        behind = shape[-rank:] if keeps else tuple(state.unknown() for _ in range(rank))
        return (*shape[: -rank - 1], axis, *behind)

    result = lifted(value, change, state)
    if isinstance(result, Thing):
        state.learn(result, -rank - 1, axis)
    return result


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
