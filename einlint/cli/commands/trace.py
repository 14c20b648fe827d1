"""`einlint trace`: run a program and record which sizes its einsum calls really have."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from einlint.cli.exit_code import refuse, tell
from einlint.cli.options import output_file
from einlint.diagnostics import counted
from einlint.project.files import write_report
from einlint.trace.program import merged, run, text_of
from einlint.trace.store import Trace, TraceError
from einlint.trace.table import MOST_SIGNATURES


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module, as for `python -m`.")
@output_file("Where the trace goes.", "trace.jsonl")
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def trace(is_module: bool, output_file: Path, program: str, arguments: tuple[str, ...]) -> None:
    """Run PROGRAM and record the signatures of its einsum calls.

    It runs as `python PROGRAM` would run it, to the same exit code; its worker processes are
    recorded too. `einlint --trace FILE` and `einlint verify --trace FILE` use the trace.
    """
    if not is_module and not os.path.exists(program):
        raise click.UsageError(f"path does not exist: {program}")
    parts = _folder_beside(output_file)
    module = ("-m",) if is_module else ()
    code = run((*module, program, *arguments), parts)
    try:
        found = merged(parts)
        write_report(output_file, text_of(found))
    except OSError as error:
        refuse(f"{output_file}: {error.strerror}; what was recorded is in {parts}")
    except TraceError as error:
        refuse(f"{error}; what was recorded is in {parts}")
    shutil.rmtree(parts, ignore_errors=True)
    tell(_summary(found, output_file))
    sys.exit(code)


def _folder_beside(file: Path) -> Path:
    """A new folder for what the processes write; it stays where this one is killed."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(".parts", f"{file.name}.", file.parent))
    except OSError as error:
        refuse(f"{file}: {error.strerror}")


def _summary(found: Trace, file: Path) -> list[str]:
    cost, rows = found.cost, found.rows
    sites = len({row.site for row in rows if row.site is not None})
    calls, seconds = sum(row.calls for row in rows), sum(row.seconds for row in rows)
    share = cost.recorder_seconds / cost.program_seconds if cost.program_seconds else 0.0
    processes = counted(cost.processes, "process", "processes")
    lines = [
        f"{counted(sites, 'call site')}, {counted(calls, 'call')}, {seconds:.3g} s in einsum,"
        f" {processes}; recording took {share:.2%} of the run -> {file}"
    ]
    crowded = sum(row.site is not None and row.signature is None for row in rows)
    if crowded:
        sites_have = counted(crowded, "call site has", "call sites have")
        each = f"{sites_have} more than {MOST_SIGNATURES} signatures"
        lines.append(f"{each}: the other calls are one row")
    if any(row.site is None for row in rows):
        lines.append("there are more call sites than a trace holds: the others are one row")
    if cost.failures:
        lines.append(f"{counted(cost.failures, 'call')} could not be recorded")
    return lines
