"""The frame of every HTML page: its head, its style sheets, its body; it loads nothing."""

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Final
from xml.etree.ElementTree import Element, tostring

_FRAME: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}</main>
{script}</body>
</html>
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, body: str, styles: Iterable[str] = (), script: str = "") -> str:
    """A whole page.

    Args:
        title: its title, as text.
        body: the HTML of its main part.
        styles: the texts of its style sheets, besides that of every page.
        script: the text of its script; without one the browser runs none.
    """
    return _FRAME.format(
        policy=f"{_POLICY}; script-src 'unsafe-inline'" if script else _POLICY,
        title=escape(title),
        style="".join((style("page.css"), *styles)),
        body=body,
        script=f"<script>{script}</script>\n" if script else "",
    )


def style(name: str) -> str:
    """The text of a style sheet of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def html(elements: Iterable[Element]) -> str:
    """The elements as HTML in ASCII, which the encoding of a terminal cannot damage."""
    texts = (tostring(each, encoding="us-ascii", method="html").decode() for each in elements)
    return "".join(f"{text}\n" for text in texts)
