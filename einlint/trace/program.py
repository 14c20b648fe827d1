"""Run a program with a recorder in each of its processes, and merge their traces."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

from einlint.trace.store import Trace, read_parts, to_lines
from einlint.trace.table import Table

_STARTUP: Final = Path(__file__).parent / "startup"
_PATH: Final = "PYTHONPATH"
_FOLDER: Final = "EINLINT_TRACE"


def run_program(arguments: Sequence[str], parts: Path) -> int:
    """Run a program and return its exit code, as a shell would.

    Args:
        arguments: of the process, the program first.
        parts: an existing folder; every Python process below writes its own trace there.

    Raises:
        OSError: the program cannot be started.
    """
    path = os.pathsep.join(filter(None, (str(_STARTUP), os.environ.get(_PATH))))
    environment = {**os.environ, _PATH: path, _FOLDER: os.path.abspath(parts)}
    with (
        subprocess.Popen(arguments, env=environment) as process,
        _signals_to(process),
    ):
        code = process.wait()
    return code if code >= 0 else 128 - code


def merge_parts(parts: Path) -> Trace:
    """Merge the traces of all processes."""
    whole, table = read_parts(parts), Table()
    table.add(whole.rows)
    rows = sorted(table.rows(), key=lambda row: -row.seconds)
    return Trace(whole.cost, tuple(rows))


def trace_text(trace: Trace) -> bytes:
    """The content of a trace file."""
    return to_lines(trace.cost, trace.rows).encode()


@contextmanager
def _signals_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass signals on to the program; a terminal has already sent it Ctrl-C."""

    def passed_on(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not _is_in_foreground():
            process.send_signal(number)

    known = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {number: signal.signal(number, passed_on) for number in known if number is not None}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_foreground() -> bool:
    with suppress(OSError, AttributeError), open("/dev/tty", "rb") as terminal:
        return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    return False
