"""The shapes that torch's modules return, from what they were made with."""

from typing import Final

from einlint.algebra.sizes import Shape
from einlint.source.signatures import CallArguments, Signature

_SAME: Final = (
    "Identity Softmax LogSoftmax LayerNorm RMSNorm GroupNorm BatchNorm1d BatchNorm2d BatchNorm3d "
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d ReLU ReLU6 LeakyReLU ELU GELU SiLU Mish "
    "Sigmoid Tanh Softplus Hardswish Dropout Dropout1d Dropout2d Dropout3d"
)
_CONVOLUTIONS: Final = {f"torch.nn.Conv{rank}d": rank for rank in (1, 2, 3)}


def is_layer(path: str) -> bool:
    """Whether calling this makes a module of torch.nn, whatever that returns."""
    module, _, name = path.rpartition(".")
    return module == "torch.nn" and name[:1].isupper() and name != "Parameter"


def _linear(call: CallArguments) -> Shape | None:
    """The last axis becomes as long as there are features."""
    size, shape = call.number("out_features"), call.shape
    return None if size is None or not shape else (*shape[:-1], call.axis(size))


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
    "torch.nn.Linear": Signature(("in_features", "out_features"), _linear, lambda _: 0),
    **dict.fromkeys(
        _CONVOLUTIONS, Signature(("in_channels", "out_channels"), _convolved, lambda _: 0)
    ),
}
