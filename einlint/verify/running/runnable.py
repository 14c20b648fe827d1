"""Runnable: one side of a rewrite with its operands, ready to run in a mode."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from einlint.verify.case import Mode
from einlint.verify.running.compare import compile_expression
from einlint.verify.running.tensors import whole_numbers


@dataclass(frozen=True, slots=True)
class Runnable:
    """A statement and the tensors for its names."""

    statement: str
    tensors: dict[str, object]
    is_compiled: bool = False

    def run(self) -> object:
        """Run the statement and return its value."""
        return eval(self.statement, self.names)

    @property
    def names(self) -> dict[str, object]:
        """What the names of the statement stand for."""
        return {"torch": torch, **self.tensors}


def runnable(
    text: str,
    names: Sequence[str],
    operands: Sequence[torch.Tensor],
    mode: Mode,
    *,
    masks: int = 0,
) -> Runnable:
    """Prepare an expression over `names` for a mode: alone, with all gradients, or compiled.

    masks: how many operands there are at the end that have no gradients.
    """
    if mode is Mode.FORWARD:
        return Runnable(text, dict(zip(names, operands, strict=True)))
    if mode is Mode.COMPILED:
        function = torch.compile(compile_expression(text, names))
        made = Runnable(
            f"_compiled({', '.join(names)})",
            {"_compiled": function, **dict(zip(names, operands, strict=True))},
            is_compiled=True,
        )
        made.run()  # compile now, not while it is timed
        return made
    count = len(operands) - masks
    leaves = tuple(each.detach().requires_grad_() for each in operands[:count])
    tensors: dict[str, object] = dict(zip(names, (*leaves, *operands[count:]), strict=True))
    result = Runnable(text, tensors).run()
    assert isinstance(result, torch.Tensor)
    tensors["_cotangent"] = torch.ones_like(result)
    tensors["_leaves"] = leaves
    return Runnable(f"torch.autograd.grad({text}, _leaves, _cotangent)", tensors)


def dtype_named(name: str) -> torch.dtype:
    """The torch dtype of a name in `einlint.verify.dtypes`."""
    dtype = getattr(torch, name)
    assert isinstance(dtype, torch.dtype)
    return dtype


def modes_of(dtype: torch.dtype, wanted: Sequence[Mode]) -> tuple[Mode, ...]:
    """The modes that a dtype supports: integers have no gradients."""
    has_gradients = dtype.is_floating_point or dtype.is_complex
    return tuple(mode for mode in wanted if has_gradients or mode is not Mode.BACKWARD)


def random_operands(
    shapes: Sequence[tuple[int, ...]], dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, ...]:
    """Normal random numbers, whole ones for integer dtypes; equal for equal arguments."""
    return tuple(_random(shape, dtype, device, seed) for seed, shape in enumerate(shapes, start=1))


def _random(
    shape: tuple[int, ...], dtype: torch.dtype, device: torch.device, seed: int
) -> torch.Tensor:
    if not (dtype.is_floating_point or dtype.is_complex):
        return whole_numbers(shape, dtype, seed).to(device)
    # On the device itself: the CPU takes seconds for as many numbers as a GPU has memory for.
    place = torch.device("cpu") if device.type == "mps" else device  # mps has no complex128
    generator = torch.Generator(place).manual_seed(seed)
    wide = torch.promote_types(dtype, torch.float32)  # so that all bits of a wide dtype are used
    return torch.randn(shape, dtype=wide, device=place, generator=generator).to(dtype).to(device)
