"""The formats of verify: each file has a FORMAT and is found by its name."""

from collections.abc import Callable
from dataclasses import dataclass

from einlint.discovery import member
from einlint.verify.dry_run_report import DryRunReport
from einlint.verify.report import VerifyReport


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """One value of --format: it renders a report, and the report of a dry run."""

    render: Callable[[VerifyReport], str]
    render_dry_run: Callable[[DryRunReport], str]


def format_named(name: str) -> ReportFormat:
    """The format in the file of this name."""
    return member(__name__, name, ReportFormat)
