"""The spellings that a user can choose."""

from enum import StrEnum
from typing import NamedTuple


class MatmulStyle(StrEnum):
    """How a matrix product is written: `a @ b` or `torch.matmul(a, b)`."""

    OPERATOR = "operator"
    FUNCTION = "function"


class TransposeStyle(StrEnum):
    """How a swap of the last two axes is written.

    T: `a.T` if no operand has more than two axes, all of which `.T` would reverse; else
    `a.transpose(-2, -1)`. TRANSPOSE: always `a.transpose(-2, -1)`. MT: `a.mT`, which the
    TorchScript ONNX exporter does not support.
    """

    T = "T"
    TRANSPOSE = "transpose"
    MT = "mT"


class Style(NamedTuple):
    """The chosen spellings.

    has_indices: new axes are written `a[:, None]`, not `a.unsqueeze(-1)`.
    """

    matmul: MatmulStyle = MatmulStyle.OPERATOR
    transpose: TransposeStyle = TransposeStyle.T
    has_indices: bool = False
