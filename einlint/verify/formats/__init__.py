"""What verify prints: one file a format, with a FORMAT; found by their files."""

from collections.abc import Callable
from dataclasses import dataclass

from einlint.discovery import member
from einlint.verify.dry_run_report import DryRunReport
from einlint.verify.report import VerifyReport


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """One value of --format: how it writes a report, and a dry run."""

    render: Callable[[VerifyReport], str]
    render_dry_run: Callable[[DryRunReport], str]


def format_named(name: str) -> ReportFormat:
    """The format of one of the files here."""
    return member(__name__, name, ReportFormat)
