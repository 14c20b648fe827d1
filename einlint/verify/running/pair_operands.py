"""The operands of a pair: random numbers, and for an attention masks that leave a key to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

from einlint.linting.pairing import Pair
from einlint.source.sdpa.one_call.named_chain import MaskForm
from einlint.verify.case import Shapes
from einlint.verify.running.runnable import random_operands

_KEPT: Final = 0.75


@dataclass(frozen=True, slots=True)
class ComparisonInputs:
    """Shapes, dtype and device of the operands. exact_device: a device with float64."""

    shapes: Shapes
    dtype: torch.dtype
    device: torch.device
    exact_device: torch.device


def operands_of(
    pair: Pair, shapes: Shapes, dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, ...]:
    """Operands of both sides; equal for equal arguments."""
    masks = masks_of(pair)
    plain = shapes[: len(shapes) - len(masks)]
    made = (
        _mask(shape, form, dtype, seed).to(device)
        for seed, (shape, form) in enumerate(
            zip(shapes[len(plain) :], masks, strict=True), start=len(plain) + 1
        )
    )
    return (*random_operands(plain, dtype, device), *made)


def masks_of(pair: Pair) -> tuple[MaskForm, ...]:
    """The masks among the operands of a pair, which have no gradients: its last operands."""
    return () if pair.attention is None else pair.attention.masks


def dtypes_of(pair: Pair, dtype: torch.dtype) -> list[torch.dtype]:
    """The dtype of every operand."""
    masks = (dtype if each.keeps is None else torch.bool for each in masks_of(pair))
    return [*[dtype] * (len(pair.names) - len(masks_of(pair))), *masks]


def _mask(shape: Sequence[int], form: MaskForm, dtype: torch.dtype, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    if form.keeps is None and not form.is_causal:
        return torch.randn(tuple(shape), generator=generator).to(dtype)
    if form.is_causal:
        kept = torch.ones(tuple(shape), dtype=torch.bool).tril()
    else:
        kept = torch.rand(tuple(shape), generator=generator) < _KEPT
        kept[..., :1] = True
    if form.keeps is None:
        return torch.zeros(tuple(shape), dtype=dtype).masked_fill(~kept, -torch.inf)
    return kept if form.keeps else ~kept
