"""Measured: which forms of attention torch.compile fuses when they are written with `@`.

Inductor replaces `q @ k.transpose(-2, -1)` -> softmax -> `@ v` by scaled_dot_product_attention, but
only in forms that it has a pattern for, and never what one or both products of are written with
einsum: these are other operators to it. Where nothing is fused, both spellings compile to the same.

The same form is fused or not by how the operands lie in memory: all three contiguous, or all three
with heads that `.transpose(1, 2)` or its like has just moved. With one of each nothing is fused;
with other views, as of one tensor that is permuted and unbound, or where something is computed
behind the transposition, only some forms are. In these two layouts the forms here were fused with
float32 and bfloat16, one batch and several, as many keys as queries and more, masks of 2 and 4
axes, fixed and dynamic shapes. `tests/rewriting/test_fused.py` compiles every form. Source, also of
the figures (one thread, float32, 4 x 8 heads, 512 tokens of 64 features; medians of three runs,
with times of 1.9 to 2.5 without a mask and 1.3 to 1.8 with one):

    python benchmarks/attention.py --size b=4,h=8,n=512,d=64
"""

from collections.abc import Iterable
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


class Layout(Enum):
    """How query, key and value of an attention lie in memory, all of them alike."""

    CONTIGUOUS = "contiguous"
    TRANSPOSED = "transposed heads"
    GIVEN = "parameters of the function"


Form: TypeAlias = tuple[Step, ...]
"""The steps in the order of their evaluation."""


@dataclass(frozen=True, slots=True)
class Gain:
    """How many times less time and peak memory the compiled attention takes with `@`."""

    time: float
    memory: float


CONDITIONS: Final = "inference, CPU, torch 2.13, 512 tokens"
"""What the figures were measured under."""

_SINGLE: Final = (Step.FLOAT32, Step.SOFTMAX)
_CONTIGUOUS: Final[dict[Form, Gain]] = {
    (Step.MUL, Step.SOFTMAX): Gain(2.4, 15.3),
    (Step.DIV, Step.SOFTMAX): Gain(2.4, 15.3),
    (Step.DIV, Step.ADD, Step.SOFTMAX): Gain(1.6, 8.6),
    (Step.MUL, *_SINGLE): Gain(2.4, 15.3),
    (Step.DIV, *_SINGLE): Gain(2.4, 15.3),
    (Step.DIV, Step.ADD, *_SINGLE): Gain(1.7, 8.6),
}
_TRANSPOSED: Final[dict[Form, Gain]] = {
    (Step.MUL, Step.SOFTMAX): Gain(2.1, 4.2),
    (Step.DIV, Step.SOFTMAX): Gain(2.4, 16.2),
    (Step.DIV, Step.ADD, Step.SOFTMAX): Gain(1.8, 9.5),
    (Step.MUL, *_SINGLE): Gain(2.1, 4.2),
    (Step.DIV, *_SINGLE): Gain(2.5, 16.2),
    (Step.DIV, Step.ADD, *_SINGLE): Gain(1.7, 9.5),
}
FUSED: Final = {
    Layout.CONTIGUOUS: _CONTIGUOUS,
    Layout.GIVEN: _CONTIGUOUS,
    Layout.TRANSPOSED: _TRANSPOSED,
}
"""Layout -> form -> the gain. Operands that are given are measured where they are contiguous."""

# What makes no difference behind the softmax of a module that is evaluated.
_UNSEEN: Final = (Step.CAST, Step.DROPOUT)


def gain(layout: Layout | None, forms: Iterable[Form]) -> Gain | None:
    """What `@` gains at least, whichever form it is; None if one of them was not seen fused."""
    known = {} if layout is None else FUSED[layout]
    found = [known.get(_measured(form)) for form in forms]
    gains = [each for each in found if each is not None]
    if not gains or len(gains) < len(found):
        return None
    return Gain(min(each.time for each in gains), min(each.memory for each in gains))


def _measured(form: Form) -> Form:
    """The form without what makes no difference at its end."""
    while form and form[-1] in _UNSEEN:
        form = form[:-1]
    return form
