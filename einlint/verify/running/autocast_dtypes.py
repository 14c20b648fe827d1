"""Whether autocast gives a call and its replacement different dtypes."""

import torch

from einlint.linting.pairing import Pair
from einlint.verify.case_sizes import distinct_sizes
from einlint.verify.running.compare import compile_expression
from einlint.verify.running.pair_operands import operands_of
from einlint.verify.running.tensors import shapes_of


def autocast_note(pair: Pair, replacement: str, device: torch.device) -> str | None:
    """A note with both dtypes; None if they are equal or the device has no autocast."""
    shapes = shapes_of(pair.equation, dict(distinct_sizes(pair.equation)))
    operands = operands_of(pair, shapes, torch.float32, device)
    try:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            before, after = (
                str(compile_expression(text, pair.names)(*operands).dtype).removeprefix("torch.")
                for text in (pair.original, replacement)
            )
    except RuntimeError:
        return None
    if before == after:
        return None
    return f"under autocast the call gives {before}, the replacement {after}"
