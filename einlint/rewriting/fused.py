"""Measured: which forms of attention torch.compile fuses when they are written with `@`.

Inductor replaces `q @ k.transpose(-2, -1)` -> softmax -> `@ v` by scaled_dot_product_attention, but
only in forms that it has a pattern for, and never what one or both products of are written with
einsum: these are other operators to it. Where nothing is fused, both spellings compile to the same.

The forms here were fused with operands of any of these kinds: contiguous or with transposed heads,
float32 or bfloat16, one batch or several, as many keys as queries or more, masks of 2 and 4 axes,
fixed or dynamic shapes. Those without a scale are fused with transposed heads only, so they are no
part of it. Source, also of the figures (inference, CPU, one thread, float32, torch 2.13, 4 x 8
heads, 512 tokens of 64 features); `tests/rewriting/test_fused.py` compiles every form:

    python benchmarks/attention.py --size b=4,h=8,n=512,d=64
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias


class Step(Enum):
    """What may be done between the two products of attention."""

    MUL = "* number"
    DIV = "/ number"
    ADD = "+ mask"
    MASKED_FILL = "masked_fill"
    WHERE = "where"
    MINUS_MAXIMUM = "- maximum"
    FLOAT32 = "to float32"
    SOFTMAX = "softmax"
    CAST = "cast"
    DROPOUT = "dropout"


Form: TypeAlias = tuple[Step, ...]
"""The steps in the order of their evaluation."""


@dataclass(frozen=True, slots=True)
class Gain:
    """How many times less time and peak memory the compiled attention takes with `@`."""

    time: float
    memory: float


_FUSED: Final[dict[Form, Gain]] = {}
