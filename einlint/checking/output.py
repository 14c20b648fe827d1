"""Print what a run has come to, as the options of its output say."""

import os
import sys
from dataclasses import dataclass

from einlint.reporting.format import Report, format_named
from einlint.reporting.paint import Paint
from einlint.reporting.summary import statistics, summary
from einlint.run import Mode, Outcome


@dataclass(frozen=True, slots=True)
class Output:
    """The options of the report."""

    format: str = "full"
    statistics: bool = False
    color: str = "auto"

    def show(self, outcome: Outcome, mode: Mode) -> None:
        """Sources and diffs go to standard output; then the findings go to standard error."""
        for output in outcome.outputs:
            sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
        for failure in outcome.failures:
            print(f"einlint: {failure}", file=sys.stderr)
        if mode.diff:
            files = "1 file" if outcome.changed == 1 else f"{outcome.changed} files"
            print(f"{files} would be changed.", file=sys.stderr)
            return
        stream = sys.stderr if outcome.outputs else sys.stdout
        stream.write(self._rendered(_report(outcome, mode), self._paint(stream.isatty())))

    def _rendered(self, report: Report, paint: Paint) -> str:
        chosen = format_named(self.format)
        if self.statistics:
            return statistics(report, chosen)
        text = chosen.render(report, paint)
        return text + summary(report) if chosen.is_for_people else text

    def _paint(self, is_terminal: bool) -> Paint:
        if self.color != "auto":
            return Paint(self.color == "always")
        if os.environ.get("NO_COLOR"):
            return Paint(False)
        return Paint(is_terminal or bool(os.environ.get("FORCE_COLOR")))


def _report(outcome: Outcome, mode: Mode) -> Report:
    return Report(
        tuple(outcome.diagnostics),
        outcome.texts,
        outcome.fixed if mode.fix and not mode.diff else None,
        outcome.unknown_equations,
        bool(outcome.failures),
        mode.threshold,
    )
