"""Print what a run has come to, as the options of its output say."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from einlint.cli.exit_code import tell
from einlint.cli.run import Mode, Outcome
from einlint.cli.tracing import notes
from einlint.diagnostics import counted
from einlint.output.format import Report, format_named
from einlint.output.paint import Paint
from einlint.output.ranking import ranking
from einlint.output.summary import statistics, summary
from einlint.project.files import write_report


@dataclass(frozen=True, slots=True)
class Output:
    """The options of the report. file: where it goes instead of standard output."""

    format: str
    statistics: bool
    color: str
    quiet: bool
    file: Path | None

    def show(self, outcome: Outcome, mode: Mode) -> None:
        """Write all that there is to say; that a file cannot be written is a failure, too."""
        if self.file is not None:
            self._save(self.file, outcome, mode)
        if self.file is None or not mode.diff:
            sys.stdout.buffer.write(b"".join(outcome.outputs))
            sys.stdout.buffer.flush()
        tell(outcome.failures)
        if not self.quiet:
            _remark(outcome, mode)
        if self.file is None and not mode.diff:
            # Where a source is printed, standard output holds nothing else.
            stream = sys.stderr if outcome.outputs else sys.stdout
            stream.write(self._rendered(_report(outcome, mode), self._paint(stream.isatty())))

    def _save(self, file: Path, outcome: Outcome, mode: Mode) -> None:
        report = self._rendered(_report(outcome, mode), self._paint(False))
        data = b"".join(outcome.outputs) if mode.diff else report.encode(errors="backslashreplace")
        try:
            write_report(file, data)
        except OSError as error:
            outcome.note(error, str(file))

    def _rendered(self, report: Report, paint: Paint) -> str:
        chosen = format_named(self.format)
        if self.statistics:
            return statistics(report, chosen)
        text = chosen.render(report, paint)
        if not chosen.is_for_people or self.quiet:
            return text
        return text + ranking(report) + summary(report, paint)

    def _paint(self, is_terminal: bool) -> Paint:
        if self.color != "auto":
            return Paint(self.color == "always")
        if os.environ.get("NO_COLOR"):
            return Paint(False)
        return Paint(is_terminal or bool(os.environ.get("FORCE_COLOR")))


def _remark(outcome: Outcome, mode: Mode) -> None:
    """What a mode has to say beside its report, on standard error."""
    if mode.reason is not None:
        print(f"{counted(outcome.comments, 'comment')} written.", file=sys.stderr)
    if mode.verified is not None and outcome.unverified:
        fixes = counted(outcome.unverified, "fix", "fixes")
        print(f"{fixes} left: not verified as {mode.verified.claim}.", file=sys.stderr)
    when = "would be unused" if mode.diff else "unused now"
    for each in outcome.unused:
        print(f"{when}: {each}", file=sys.stderr)
    if mode.trace is not None:
        tell(notes(outcome))
    if mode.diff:
        print(f"{counted(outcome.changed, 'file')} would be changed.", file=sys.stderr)


def _report(outcome: Outcome, mode: Mode) -> Report:
    return Report(
        tuple(outcome.diagnostics),
        outcome.places,
        outcome.fixed if mode.fix and not mode.diff else None,
        outcome.unknown_equations,
        bool(outcome.failures),
        mode.threshold,
        os.getcwd(),
        outcome.accepted,
    )
