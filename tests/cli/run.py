"""Run the command line: as a user does, or, where a process adds nothing, in this one."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from einlint.cli.main import main
from einlint.project.configuration import project_of

SOURCE = """import torch


def scores(q, k) -> torch.Tensor:
    return torch.einsum("bhqd,bhkd->bhqk", q, k)
"""
FIXED = SOURCE.replace('torch.einsum("bhqd,bhkd->bhqk", q, k)', "q @ k.transpose(-2, -1)")

# What no --size takes, and what is said of it.
MALFORMED_SIZES = (
    "bb=8",
    "b=0",
    "b=-1",
    "=8",
    "b",
    "\N{LATIN SMALL LETTER E WITH ACUTE}=8",
    f"b={10**18}",
)
MALFORMED = "`{}` is not INDEX=SIZE, as in b=64"

# Seconds; nothing takes as long, not even on a busy machine.
LONGEST = 300


def einlint(
    *arguments: str,
    cwd: Path,
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
    prefix: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[bytes]:
    """The finished process; what it printed is in bytes, and what hangs is an error."""
    command = [*prefix, sys.executable, "-m", "einlint", *arguments]
    variables = {**os.environ, **(environment or {})}
    return subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, env=variables, timeout=LONGEST
    )


def called(
    *arguments: str, cwd: Path, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The same in this process, without Python's start; `test_run.py` compares the two.

    Every command and feature has a test through `einlint` all the same, and so has whatever may
    hang, takes `-j`, or depends on how Python starts.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
    project_of.cache_clear()
    with (
        contextlib.chdir(cwd),
        patch.dict(os.environ, environment or {}),
        patch.multiple(sys, stdin=io.TextIOWrapper(io.BytesIO(stdin)), stdout=out, stderr=err),
        patch.object(sys, "argv", ["einlint", *arguments]),
        patch("time.process_time", lambda: 0.0),  # a budget counts from the start of the process
        pytest.raises(SystemExit) as end,
    ):
        main()
    texts = [stream.buffer.getvalue() for stream in (out, err)]
    return subprocess.CompletedProcess(arguments, int(end.value.code or 0), *texts)


def findings(*arguments: str, cwd: Path, stdin: bytes = b"") -> list[dict[str, Any]]:
    """All findings in JSON, the pedantic ones too."""
    done = called("--pedantic", "--output-format", "json", *arguments, cwd=cwd, stdin=stdin)
    return list(json.loads(done.stdout))


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def stopped_by_permissions() -> tuple[str, ...]:
    """The prefix of a command that permissions stop: root is taken the right to ignore them."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("permissions do not stop root")
    return ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
