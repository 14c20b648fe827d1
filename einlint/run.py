"""One run over many files: read, check or fix, write, and remember what went wrong."""

import difflib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from einlint.diagnostics import Applicability, Diagnostic
from einlint.engine import CheckResult, RuleError, check, fix, read
from einlint.files import write_atomically
from einlint.lines import LineIndex
from einlint.settings import Settings
from einlint.source.file import SourceFile


@dataclass(frozen=True, slots=True)
class Mode:
    """What a run does with fixes: applies those that reach `threshold`, shows a diff, or neither."""

    fix: bool = False
    diff: bool = False
    threshold: Applicability = Applicability.SAFE


@dataclass(slots=True)
class Outcome:
    """What a run has come to so far.

    failures: one text for each file that could not be read, written or checked.
    outputs: the fixed source of standard input, or the diffs, in the bytes of the files.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    outputs: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    fixed: int = 0
    changed: int = 0
    unknown_equations: int = 0

    def add(self, result: CheckResult, filename: str, text: str) -> None:
        """Take over the result of one file."""
        self.diagnostics += result.diagnostics
        self.unknown_equations += result.unknown_equations
        if result.diagnostics:
            self.texts[filename] = text


def run_file(path: Path, settings: Settings, mode: Mode, outcome: Outcome) -> None:
    """Check one file on disk, and fix it if the mode says so."""
    with _failures_noted(str(path), outcome):
        if not path.is_file():
            raise OSError(f"{path} is not a regular file")
        data = path.read_bytes()

        def write(fixed: bytes) -> None:
            write_atomically(path, fixed)

        _run(str(path), data, settings, mode, outcome, write)


def run_stdin(
    filename: str, data: bytes, settings: Settings, mode: Mode, outcome: Outcome
) -> None:
    """Check the bytes of standard input; with --fix they go to the outputs, fixed or not."""
    output = [data]

    def write(fixed: bytes) -> None:
        output[0] = fixed

    with _failures_noted(filename, outcome):
        _run(filename, data, settings, mode, outcome, write)
    if mode.fix and not mode.diff:
        outcome.outputs += output


def _run(
    filename: str,
    data: bytes,
    settings: Settings,
    mode: Mode,
    outcome: Outcome,
    write: Callable[[bytes], None],
) -> None:
    source = read(filename, data, settings)
    if isinstance(source, CheckResult):
        outcome.add(source, filename, "")
        return
    if not mode.fix and not mode.diff:
        outcome.add(check(source, settings), filename, source.text)
        return
    result = fix(source, settings, mode.threshold)
    if result.text != source.text:
        outcome.changed += 1
        if mode.diff:
            outcome.outputs.append(_diff(source, result.text))
        else:
            write(source.to_bytes(result.text))
    outcome.fixed += len(result.fixed)
    outcome.add(result.remaining, filename, result.text)


def _diff(source: SourceFile, text: str) -> bytes:
    """A unified diff in the file's own encoding and newlines."""
    lines = difflib.unified_diff(
        list(_rows(source.text)), list(_rows(text)), source.filename, source.filename
    )
    marked = (line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(marked).encode(source.encoding)


def _rows(text: str) -> Iterator[str]:
    starts = LineIndex.of(text).starts
    for start, end in zip(starts, (*starts[1:], len(text)), strict=True):
        if start < end:
            yield text[start:end]


class _failures_noted:  # noqa: N801
    """Turns what goes wrong with one file into a line of the outcome, so that the others go on."""

    def __init__(self, filename: str, outcome: Outcome) -> None:
        self._filename = filename
        self._outcome = outcome

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        match error:
            case OSError():
                self._outcome.failures.append(f"{self._filename}: {error.strerror or error}")
            case RuleError():
                self._outcome.failures.append(f"internal error: {error}")
            case Exception():
                text = "".join(traceback.format_exception(error))
                self._outcome.failures.append(f"internal error in {self._filename}:\n{text}")
            case _:
                return False
        return True
