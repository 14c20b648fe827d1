"""A page with pictures and a table that can be sorted, in one file."""

from einlint.verify.formats import ReportFormat
from einlint.verify.page.page import forecast_page, page

FORMAT = ReportFormat(page, forecast_page)
