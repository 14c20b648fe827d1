"""Whether a case fits in the memory of its device, asked before any of its tensors is made."""

from math import prod
from typing import Final

from einlint.verify.case import Mode
from einlint.verify.quantities import memory_text
from einlint.verify.running.job import CaseGroup, Job
from einlint.verify.running.runnable import dtype_named
from einlint.verify.running.tensors import shapes_in

# Of the memory that is free: the rest is for what the driver and libraries need.
_USABLE: Final = 0.9


def too_large(job: Job, group: CaseGroup) -> str | None:
    """Why the operands and the result do not fit; None if they do, or nobody knows."""
    free = job.backend.free_bytes(job.device)
    if free is None:
        return None
    needed = _needed_bytes(job, group)
    if needed <= _USABLE * free:
        return None
    of_free = f"{memory_text(free)} are free"
    return f"does not fit in memory: it needs {memory_text(needed)}, {of_free}"


def _needed_bytes(job: Job, group: CaseGroup) -> int:
    pair, case = group.rewrite.pair, group.case(job, Mode.FORWARD)
    sizes = dict(case.sizes)
    outputs = (each.output for each in pair.steps or (pair.equation,))
    largest = max(prod(sizes.get(label, 1) for label in output) for output in outputs)
    elements = sum(map(prod, shapes_in(pair.equation, case))) + largest
    return elements * dtype_named(group.dtype).itemsize
