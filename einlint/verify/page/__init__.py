"""The HTML report: one page with pictures and a table; it needs no network."""
