"""One HTML page with pictures and a sortable table."""

from einlint.verify.formats import ReportFormat
from einlint.verify.page.page import dry_run_page, page

FORMAT = ReportFormat(page, dry_run_page)
