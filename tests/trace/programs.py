"""Run a program below `einlint trace`, as a user does, and read what was recorded."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from einlint.trace.store import Row, Trace, read
from tests.cli.run import LONGEST, einlint

TRACE = "trace.jsonl"

HEAD = """
import os, signal, sys, time
import numpy as np
def call(size=2):
    np.einsum("ij,jk->ik", np.ones((size, 3)), np.ones((3, 4)))
"""
"""A program starts with this where it need not be torch's einsum: torch is slow to import."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished run. own: what the program alone said on standard error, summary: the others."""

    done: subprocess.CompletedProcess[bytes]
    trace: Trace

    @property
    def code(self) -> int:
        return self.done.returncode

    @property
    def own(self) -> str:
        return "".join(row for row in self._rows if not row.startswith("einlint: "))

    @property
    def summary(self) -> str:
        return "".join(row for row in self._rows if row.startswith("einlint: "))

    @property
    def _rows(self) -> list[str]:
        return self.done.stderr.decode().splitlines(keepends=True)

    @property
    def calls(self) -> int:
        return sum(row.calls for row in self.trace.rows)


def recorded(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Recorded:
    """Run `einlint trace ARGUMENTS` in a folder."""
    done = einlint("trace", *arguments, cwd=folder, environment=dict(environment or {}))
    assert (folder / TRACE).exists(), done.stderr.decode()
    return Recorded(done, read(folder / TRACE))


def recorded_source(folder: Path, source: str) -> Recorded:
    """Run a program that starts with HEAD."""
    (folder / "program.py").write_text(HEAD + source)
    return recorded(folder, "program.py")


def started(folder: Path, source: str) -> subprocess.Popen[bytes]:
    """The running `einlint trace`; the program prints a line once it is ready."""
    (folder / "program.py").write_text(HEAD + source)
    command = [sys.executable, "-m", "einlint", "trace", "program.py"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, start_new_session=True)


def line_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def ended(process: subprocess.Popen[bytes]) -> int:
    process.communicate(timeout=LONGEST)
    return process.returncode


def shapes(row: Row) -> tuple[object, ...]:
    assert row.signature is not None
    return tuple(operand.shape for operand in row.signature.operands)
