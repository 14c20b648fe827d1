"""What verify prints: one file a format, with a FORMAT; found by their files."""

from einlint.discovery import members
from einlint.verify.report import ReportFormat


def format_named(name: str) -> ReportFormat:
    """The format of one of the files here."""
    found: tuple[ReportFormat, ...] = members(__name__, ReportFormat, (name,))
    return found[0]
