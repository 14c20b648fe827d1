"""The shapes that torch's modules return and hold, from what they were made with."""

from typing import Final

from einlint.algebra.sizes import Axis, Shape
from einlint.source.signatures import CallArguments, Signature

_SAME: Final = (
    "Identity Softmax LogSoftmax GroupNorm BatchNorm1d BatchNorm2d BatchNorm3d "
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d ReLU ReLU6 LeakyReLU ELU GELU SiLU Mish "
    "Sigmoid Tanh Softplus Hardswish Dropout Dropout1d Dropout2d Dropout3d"
)
_NORMS: Final = ("torch.nn.LayerNorm", "torch.nn.RMSNorm")
_CONVOLUTIONS: Final = {f"torch.nn.Conv{rank}d": rank for rank in (1, 2, 3)}


def is_layer(path: str) -> bool:
    """Whether calling this makes a module of torch.nn, whatever that returns."""
    module, _, name = path.rpartition(".")
    return module == "torch.nn" and name[:1].isupper() and name != "Parameter"


def _linear(call: CallArguments) -> Shape | None:
    """The last axis becomes as long as there are features."""
    size, shape = call.number("out_features"), call.shape
    return None if size is None or not shape else (*shape[:-1], call.axis(size))


def _normalized(call: CallArguments) -> Shape | None:
    """The same axes, of which the layer takes a last one of its own size only."""
    size, shape = call.integer("normalized_shape"), call.shape
    if size is None or not shape:
        return shape
    return (*shape[:-1], call.axis(size))


def _embedded(call: CallArguments) -> Shape | None:
    """One more axis."""
    size, shape = call.number("embedding_dim"), call.shape
    return None if size is None or shape is None else (*shape, call.axis(size))


def _convolved(call: CallArguments) -> Shape | None:
    """The channels replaced; how long the axes behind them are, stride and padding tell."""
    rank = _CONVOLUTIONS[str(call.term.operands[0].detail)]
    size, shape = call.number("out_channels"), call.shape
    if size is None or shape is None or len(shape) not in {rank + 1, rank + 2}:
        return None
    return (*shape[: -rank - 1], call.axis(size), *map(call.unknown, range(rank)))


LAYERS: Final[dict[str, Signature]] = {
    **dict.fromkeys(
        (f"torch.nn.{name}" for name in _SAME.split()),
        Signature((), lambda call: call.shape, lambda _: 0),
    ),
    **dict.fromkeys(_NORMS, Signature(("normalized_shape",), _normalized, lambda _: 0)),
    "torch.nn.Linear": Signature(("in_features", "out_features"), _linear, lambda _: 0),
    "torch.nn.Embedding": Signature(("num_embeddings", "embedding_dim"), _embedded, lambda _: 1),
    **dict.fromkeys(
        _CONVOLUTIONS,
        Signature(
            (
                *("in_channels", "out_channels", "kernel_size", "stride", "padding"),
                *("dilation", "groups"),
            ),
            _convolved,
            lambda _: 0,
        ),
    ),
}


def held(call: CallArguments) -> Shape | None:
    """The shape of the weight or the bias of a layer, as its arguments tell it."""
    (made,), name = call.term.operands, str(call.term.detail)
    path = str(made.detail)
    layer = CallArguments(made, LAYERS[path], call.shapes)
    if path in _NORMS:
        size = layer.term_of("normalized_shape")
        is_one = size is not None and layer.shapes.is_int(size)
        return _axes(layer, "normalized_shape") if is_one else None
    if path in _CONVOLUTIONS:
        return _of_convolution(layer, name, _CONVOLUTIONS[path])
    if path == "torch.nn.Linear":
        sizes = ("out_features", "in_features") if name == "weight" else ("out_features",)
        return _axes(layer, *sizes)
    if path == "torch.nn.Embedding" and name == "weight":
        return _axes(layer, "num_embeddings", "embedding_dim")
    return None


def _of_convolution(layer: CallArguments, name: str, rank: int) -> Shape | None:
    channels = _axes(layer, "out_channels")
    if channels is None or name == "bias":
        return channels
    inputs = None if layer.term_of("groups") is not None else _axes(layer, "in_channels")
    behind = map(layer.unknown, range(rank))
    return (*channels, *(inputs or (layer.unknown("in_channels"),)), *behind)


def _axes(layer: CallArguments, *names: str) -> Shape | None:
    """Axes of the sizes that the layer was made with."""
    axes: list[Axis] = []
    for name in names:
        size = layer.number(name)
        if size is None:
            return None
        axes.append(layer.axis(size))
    return tuple(axes)
