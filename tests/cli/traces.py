"""Traces written by hand: a row for a call in a file, as `einlint trace` would write it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from einlint.trace.site import digest

HEAD = {
    "trace": 1,
    "program_seconds": 9.0,
    "recorder_seconds": 0.1,
    "processes": 1,
    "failures": 0,
}


def row(
    file: Path,
    call: str,
    *shapes: Sequence[int | None],
    calls: int = 1,
    seconds: float = 1.0,
    dtype: str = "float32",
    device: str = "cpu",
    **others: object,
) -> dict[str, Any]:
    """One signature of the first call with this text, which stands on one row."""
    lines = file.read_text().splitlines()
    number = next(number for number, line in enumerate(lines, 1) if call in line)
    column = lines[number - 1].index(call) + 1
    operand = {"dtype": dtype, "layout": "contiguous", "device": device, "requires_grad": False}
    (equation,) = re.findall(r'"([^"]*)"', call)[:1]
    return {
        "filename": str(file.resolve()),
        "row": number,
        "column": column,
        "end_row": number,
        "end_column": column + len(call),
        "digest": digest([lines[number - 1]]),
        "api": "torch.einsum",
        "equation": equation,
        "autocast": None,
        "compiled": False,
        "operands": [{"shape": shape, **operand} for shape in shapes],
        "calls": calls,
        "seconds": seconds,
        **others,
    }


def write_trace(path: Path, *rows: dict[str, Any]) -> None:
    """The file of a trace."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in (HEAD, *rows)))
