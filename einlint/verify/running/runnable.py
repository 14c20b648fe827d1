"""Runnable: one side of a rewrite, bound to operands, ready to be run in a mode."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.utils.benchmark import Timer

from einlint.verify.report import Mode
from einlint.verify.running.backend import Backend
from einlint.verify.running.compare import compiled
from einlint.verify.running.operands import whole_numbers


@dataclass(frozen=True, slots=True)
class Runnable:
    """A statement and the tensors that its names stand for."""

    statement: str
    tensors: dict[str, object]

    def run(self) -> object:
        """What the statement makes."""
        return eval(self.statement, {"torch": torch, **self.tensors})

    def timer(self, backend: Backend, threads: int) -> Timer:
        """The timer of torch for the statement."""
        names = {"torch": torch, **self.tensors}
        return Timer(self.statement, timer=backend.now, globals=names, num_threads=threads)


def runnable(
    text: str, names: Sequence[str], operands: Sequence[torch.Tensor], mode: Mode
) -> Runnable:
    """An expression over `names`: alone, with the gradients of all operands, or compiled."""
    if mode is Mode.FORWARD:
        return Runnable(text, dict(zip(names, operands, strict=True)))
    if mode is Mode.COMPILED:
        function = torch.compile(compiled(text, names))
        made = Runnable(
            f"_compiled({', '.join(names)})",
            {"_compiled": function, **dict(zip(names, operands, strict=True))},
        )
        made.run()  # it compiles now, and not while the time is taken
        return made
    leaves = tuple(each.detach().requires_grad_() for each in operands)
    tensors: dict[str, object] = dict(zip(names, leaves, strict=True))
    result = Runnable(text, tensors).run()
    assert isinstance(result, torch.Tensor)
    tensors["_cotangent"] = torch.ones_like(result)
    tensors["_leaves"] = leaves
    return Runnable(f"torch.autograd.grad({text}, _leaves, _cotangent)", tensors)


def dtype_named(name: str) -> torch.dtype:
    """The dtype of a name in `einlint.verify.dtypes`."""
    dtype = getattr(torch, name)
    assert isinstance(dtype, torch.dtype)
    return dtype


def modes_of(dtype: torch.dtype, wanted: Sequence[Mode]) -> tuple[Mode, ...]:
    """Those of the modes that a dtype has: whole numbers have no gradients."""
    has_gradients = dtype.is_floating_point or dtype.is_complex
    return tuple(mode for mode in wanted if has_gradients or mode is not Mode.BACKWARD)


def random_operands(
    shapes: Sequence[tuple[int, ...]], dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, ...]:
    """Normal numbers for floating dtypes, else whole ones; the same ones for the same arguments."""
    return tuple(
        _random(shape, dtype, seed).to(device) for seed, shape in enumerate(shapes, start=1)
    )


def _random(shape: tuple[int, ...], dtype: torch.dtype, seed: int) -> torch.Tensor:
    if not (dtype.is_floating_point or dtype.is_complex):
        return whole_numbers(shape, dtype, seed)
    generator = torch.Generator().manual_seed(seed)
    wide = torch.complex128 if dtype.is_complex else torch.float32
    return torch.randn(shape, dtype=wide, generator=generator).to(dtype)
