"""The dtype names that verify accepts, without importing torch."""

from typing import Final

DTYPES: Final = (
    *("float32", "float64", "bfloat16", "float16", "complex64", "complex128"),
    *("int64", "int32", "int16", "int8", "uint8"),
)
DEFAULT_DTYPES: Final = ("float32",)
