"""A page with pictures and a table that can be sorted, in one file."""

from einlint.verify.page.page import forecast_page, page
from einlint.verify.report import ReportFormat

FORMAT = ReportFormat(page, forecast_page)
