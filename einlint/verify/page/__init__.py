"""The HTML report: a page that needs no network, its pictures and its rows."""
