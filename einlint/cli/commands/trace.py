"""`einlint trace`: run a program and record the sizes that its einsum calls have."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from einlint.cli.exit_code import exit_with_error, print_notes
from einlint.cli.options import output_file
from einlint.cli.output_path import require_no_source
from einlint.printable import counted, printable
from einlint.project.files import write_report
from einlint.project.suffixes import NOTEBOOK
from einlint.trace.program import merge_parts, run_program, trace_text
from einlint.trace.store import Trace, TraceError
from einlint.trace.table import MOST_SIGNATURES


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module, as for `python -m`.")
@output_file("Write the trace to this file.", "trace.jsonl")
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def trace(is_module: bool, output_file: Path, program: str, arguments: tuple[str, ...]) -> None:
    """Run PROGRAM and record the sizes and times of its einsum calls.

    PROGRAM runs as with `python PROGRAM`, or, if it is no path, as a program such as torchrun; its
    exit code is returned. Its worker processes are recorded too. Use the trace with
    `einlint --trace FILE` or `einlint verify --trace FILE`.
    """
    command = (sys.executable, "-m", program) if is_module else _command_of(program)
    if not is_module:
        require_no_source(output_file, [program])
    parts = _folder_beside(output_file)
    try:
        code = run_program((*command, *arguments), parts)
    except OSError as error:
        shutil.rmtree(parts, ignore_errors=True)
        exit_with_error(f"{command[0]}: {error.strerror}")
    try:
        found = merge_parts(parts)
        write_report(output_file, trace_text(found))
    except OSError as error:
        exit_with_error(f"{output_file}: {error.strerror}; what was recorded is in {parts}")
    except TraceError as error:
        exit_with_error(f"{error}; what was recorded is in {parts}")
    shutil.rmtree(parts, ignore_errors=True)
    print_notes(_summary(found, output_file))
    sys.exit(code)


def _command_of(program: str) -> tuple[str, ...]:
    """How to start a script, or a program on PATH; a path is preferred.

    Raises:
        click.UsageError: it is neither, or a notebook.
    """
    if program.lower().endswith(NOTEBOOK):
        program = printable(program)
        script = f"{program[: -len(NOTEBOOK)]}.py"
        raise click.UsageError(
            f"{program} is a notebook, and Python runs none: its calls have no place in a file."
            f" Write its code to a script, and trace that: `jupyter nbconvert --to script"
            f" {program}`, then `einlint trace {script}`"
        )
    is_folder = os.path.isdir(program) and not os.path.exists(f"{program}/__main__.py")
    is_script = os.path.exists(program) and not is_folder
    found = None if is_script else shutil.which(program)
    if found is not None:
        return (found,)
    if not os.path.exists(program):
        raise click.UsageError(
            f"path does not exist: {printable(program)}, nor is it a program on PATH"
        )
    return sys.executable, program


def _folder_beside(file: Path) -> Path:
    """A new folder for the files of all processes; it is kept if einlint itself is killed.

    Its name is that of the file, cut to what any system allows.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(".parts", f"{file.name[:50]}.", file.parent))
    except OSError as error:
        exit_with_error(f"{file}: {error.strerror}")


def _summary(found: Trace, file: Path) -> list[str]:
    cost, rows = found.cost, found.rows  # a row is one line of the trace
    sites = len({row.site for row in rows if row.site is not None})
    calls, seconds = sum(row.calls for row in rows), sum(row.seconds for row in rows)
    share = cost.recorder_seconds / cost.program_seconds if cost.program_seconds else 0.0
    processes = counted(cost.processes, "process", "processes")
    lines = [
        f"{counted(sites, 'call site')}, {counted(calls, 'call')}, {seconds:.3g} s in einsum,"
        f" {processes}; recording took {share:.2%} of the run -> {file}"
    ]
    merged = {row.site for row in rows if row.signature is not None and row.signature.is_merged}
    if merged:
        have = counted(len(merged), "call site has", "call sites have")
        text = f"{have} more than {MOST_SIGNATURES} signatures"
        lines.append(f"{text}: the sizes of the others are merged into ranges")
    overfull = sum(row.site is not None and row.signature is None for row in rows)
    if overfull:
        have = counted(overfull, "call site has", "call sites have")
        lines.append(f"{have} too many signatures even so: the rest shares one line of the trace")
    if any(row.site is None for row in rows):
        lines.append("there are more call sites than a trace can hold: the others share one line")
    raised = sum(row.raised for row in rows)
    if raised:
        lines.append(f"{counted(raised, 'call')} raised: counted apart")
    meta = sum(row.calls for row in rows if row.signature is not None and row.signature.is_meta)
    if meta:
        text = "had meta tensors, whose times are not those of a device"
        lines.append(f"{counted(meta, 'call')} {text}")
    if cost.failures:
        lines.append(f"{counted(cost.failures, 'call')} could not be recorded")
    return lines
