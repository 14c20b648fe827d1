"""Load a trace, and warn where it does not cover the checked files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from einlint.cli.run import Outcome
from einlint.linting.trace_index import TraceIndex, index_of
from einlint.printable import counted
from einlint.trace.store import read

_API: Final = "torch.einsum"


def load_trace(path: Path) -> TraceIndex:
    """The calls of torch.einsum in a trace.

    Raises:
        OSError: the file cannot be read.
        TraceError: the file is not a trace.
    """
    return index_of(read(path), _API)


def trace_warnings(outcome: Outcome) -> Iterator[str]:
    """Warnings about calls that the trace does not cover."""
    changed = len(outcome.changed_since_trace)
    if changed:
        calls = counted(changed, "call has", "calls have")
        yield f"{calls} changed since the trace: run `einlint trace` again"
    elif not outcome.traced_files:
        yield "no call in the trace is in these files: run `einlint trace` on code that calls them"
