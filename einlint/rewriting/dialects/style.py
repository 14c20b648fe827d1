"""The spellings a user may choose between."""

from dataclasses import dataclass
from enum import StrEnum


class MatmulStyle(StrEnum):
    """How a matrix product is written: `a @ b` or `torch.matmul(a, b)`."""

    OPERATOR = "operator"
    FUNCTION = "function"


class TransposeStyle(StrEnum):
    """How the last two axes are exchanged: `a.transpose(-2, -1)` or `a.mT`.

    `.mT` is shorter, but the TorchScript ONNX exporter does not know it.
    """

    TRANSPOSE = "transpose"
    MT = "mT"


@dataclass(frozen=True, slots=True)
class Style:
    """The spellings chosen."""

    matmul: MatmulStyle = MatmulStyle.OPERATOR
    transpose: TransposeStyle = TransposeStyle.TRANSPOSE
