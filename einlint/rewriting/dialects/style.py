"""The spellings that a user can choose."""

from dataclasses import dataclass
from enum import StrEnum


class MatmulStyle(StrEnum):
    """How a matrix product is written: `a @ b` or `torch.matmul(a, b)`."""

    OPERATOR = "operator"
    FUNCTION = "function"


class TransposeStyle(StrEnum):
    """How a swap of the last two axes is written: `a.transpose(-2, -1)` or `a.mT`.

    `.mT` is shorter, but the TorchScript ONNX exporter does not support it.
    """

    TRANSPOSE = "transpose"
    MT = "mT"


@dataclass(frozen=True, slots=True)
class Style:
    """The chosen spellings."""

    matmul: MatmulStyle = MatmulStyle.OPERATOR
    transpose: TransposeStyle = TransposeStyle.TRANSPOSE
