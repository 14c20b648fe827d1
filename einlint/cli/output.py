"""Print the outcome of a run as the output options say."""

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from einlint.cli.exit_code import print_notes
from einlint.cli.run import Outcome, RunOptions
from einlint.output.format import Report, format_named
from einlint.output.paint import Paint, paint_for
from einlint.output.ranking import ranking
from einlint.output.stopping import Stopping
from einlint.output.summary import summary
from einlint.printable import counted

# What only an option needs is imported where it is used.
if TYPE_CHECKING:
    from pathlib import Path


class Output(NamedTuple):
    """The options of the report. file: written instead of standard output."""

    format: str
    statistics: bool
    color: str
    quiet: bool
    file: "Path | None"

    def show(self, outcome: Outcome, options: RunOptions, stopping: Stopping) -> None:
        """Print or write everything; a report file that cannot be written is a failure too."""
        if self.file is not None:
            self._save(self.file, outcome, options, stopping)
        if self.file is None or not options.diff:
            sys.stdout.buffer.write(b"".join(self._sources(outcome, options)))
            sys.stdout.buffer.flush()
        print_notes(outcome.failures)
        if not self.quiet:
            _print_remarks(outcome, options)
        if self.file is None and not options.diff:
            # Standard output holds nothing but the source where one is printed.
            stream = sys.stderr if outcome.outputs else sys.stdout
            paint = paint_for(self.color, is_terminal=stream.isatty())
            stream.write(self._render(_report(outcome, options, stopping), paint))

    def _sources(self, outcome: Outcome, options: RunOptions) -> list[bytes]:
        """Sources and diffs for standard output."""
        outputs, is_terminal = outcome.outputs, sys.stdout.isatty()
        if not outputs:
            return []
        from einlint.output.diffs import for_terminal, painted

        if is_terminal:
            outputs = [for_terminal(each) for each in outputs]
        if options.diff:
            paint = paint_for(self.color, is_terminal=is_terminal)
            outputs = [painted(each, paint) for each in outputs]
        return outputs

    def _save(
        self, file: "Path", outcome: Outcome, options: RunOptions, stopping: Stopping
    ) -> None:
        paint = paint_for(self.color, is_terminal=False)
        report = self._render(_report(outcome, options, stopping), paint)
        data = (
            b"".join(outcome.outputs) if options.diff else report.encode(errors="backslashreplace")
        )
        from einlint.project.files import write_report

        try:
            write_report(file, data)
        except OSError as error:
            outcome.record_failure(error, str(file))

    def _render(self, report: Report, paint: Paint) -> str:
        chosen = format_named(self.format)
        if self.statistics:
            from einlint.output.statistics import statistics

            return statistics(report, chosen)
        text = chosen.render(report, paint)
        if not chosen.is_for_people or self.quiet:
            return text
        applied = "".join(each.line(paint) for each in report.applied)
        return applied + text + ranking(report) + summary(report, paint)


def _print_remarks(outcome: Outcome, options: RunOptions) -> None:
    """Print what the options add to the report, and misspelt comments, to standard error."""
    print_notes(outcome.misspelt)
    if options.reason is not None:
        print(f"{counted(outcome.comments, 'comment')} written.", file=sys.stderr)
    if options.verified is not None and outcome.unverified:
        fixes = counted(outcome.unverified, "fix", "fixes")
        print(f"{fixes} left: not verified as {options.verified.claim}.", file=sys.stderr)
    for reason in sorted(outcome.unjudged):
        print(reason.told(outcome.unjudged[reason]), file=sys.stderr)
    when = "would be unused" if options.diff else "unused now"
    for unused in outcome.unused:
        print(f"{when}: {unused}", file=sys.stderr)
    if options.trace is not None:
        from einlint.cli.trace_file import trace_warnings

        print_notes(trace_warnings(outcome))
    if options.diff:
        print(f"{counted(outcome.changed, 'file')} would be changed.", file=sys.stderr)


def _report(outcome: Outcome, options: RunOptions, stopping: Stopping) -> Report:
    return Report(
        tuple(outcome.diagnostics),
        outcome.places,
        outcome.fixed if options.fix and not options.diff else None,
        outcome.unjudged,
        bool(outcome.failures),
        options.threshold,
        os.getcwd(),
        outcome.accepted,
        tuple(outcome.hidden),
        tuple(outcome.calls),
        applied=tuple(outcome.applied),
        covered=tuple(outcome.covered),
        stopping=stopping,
    )
