"""Rows of a trace, as a recorder would write them."""

from einlint.trace.site import digest
from einlint.trace.store import Operand, Row, Signature, Site, Size

FILE = "/program.py"
FLOAT = "float32"


def operand(shape: tuple[Size, ...] | None, dtype: str = FLOAT, device: str = "cpu") -> Operand:
    return Operand(shape, dtype, "contiguous", device, False)


def signature(
    equation: str | None,
    *shapes: tuple[Size, ...] | None,
    autocast: str | None = None,
    device: str = "cpu",
) -> Signature:
    operands = tuple(operand(shape, device=device) for shape in shapes)
    return Signature("torch.einsum", equation, autocast, False, operands)


def site_of(text: str, call: str, row: int = 1) -> Site:
    """Where a call stands in a text, on one row or several; the first one from `row` on."""
    lines = text.splitlines(keepends=True)
    start = text.index(call, sum(map(len, lines[: row - 1])))
    row, column = _place(text, start)
    end_row, end_column = _place(text, start + len(call))
    return Site(FILE, row, column, end_row, end_column, digest(lines[row - 1 : end_row]))


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def row_of(site: Site | None, signature: Signature | None, calls: int = 1) -> Row:
    return Row(site, signature, calls, 0.25 * calls)
