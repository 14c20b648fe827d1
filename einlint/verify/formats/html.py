"""A page with pictures and a table that can be sorted, in one file."""

from einlint.verify.formats import ReportFormat
from einlint.verify.page.page import dry_run_page, page

FORMAT = ReportFormat(page, dry_run_page)
