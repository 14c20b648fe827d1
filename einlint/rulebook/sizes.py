"""The cost of a call as text."""

from einlint.algebra.cost import left_to_right_cost
from einlint.algebra.size_table import SizeTable


def describe_cost(sizes: SizeTable) -> str | None:
    """FLOPs and the shape of the result; None if a size is unknown or nothing is computed."""
    numbers = {label: sizes.number(label) for label in sizes.equation.labels}
    known = {label: number for label, number in numbers.items() if number is not None}
    output = sizes.output()
    if len(known) < len(numbers) or output is None:
        return None
    cost = left_to_right_cost(sizes.equation, known)
    shape = tuple(axis.size for axis in output)
    return f"{cost.flops.total:,} FLOPs, the result has shape {shape}" if cost.flops.total else None
