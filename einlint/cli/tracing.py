"""A trace for the calls that are checked: reading it, and what it does not say of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from einlint.cli.run import Outcome
from einlint.diagnostics import counted
from einlint.linting.trace_index import TraceIndex, index_of
from einlint.trace.store import read

_API: Final = "torch.einsum"


def trace_in(path: Path) -> TraceIndex:
    """The calls of torch.einsum in a trace.

    Raises:
        OSError: the file cannot be read.
        TraceError: it is no trace.
    """
    return index_of(read(path), _API)


def notes(outcome: Outcome) -> Iterator[str]:
    """What keeps a trace from saying more than it does."""
    changed = outcome.changed_since_trace
    if changed:
        calls = counted(changed, "call has", "calls have")
        yield f"{calls} changed since the trace: run `einlint trace` again"
    elif not outcome.traced_files:
        yield "no call in the trace is in these files: they stood elsewhere, or were not run"
