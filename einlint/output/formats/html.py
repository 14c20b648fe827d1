"""One HTML page: findings by equation with pictures, and by file with code and diffs."""

from einlint.output.format import Format, Report
from einlint.output.page.findings import findings_page
from einlint.output.paint import Paint


def render(report: Report, paint: Paint) -> str:
    """The page; it loads nothing from outside."""
    return findings_page(report)


FORMAT = Format(render, has_statistics=False)
