"""Pictures as SVG elements for a page: no addresses, unique ids, and the colours of the page."""

import re
from collections.abc import Mapping
from html import escape
from io import StringIO
from typing import Any, Final

from matplotlib.figure import Figure

# Placeholder colours: `inline` replaces them by CSS variables, for dark mode and print.
INK: Final = "#010101"
BAND: Final = "#010104"
_VARIABLES: Final = {INK: "var(--ink)", BAND: "var(--band)"}

STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "einlint",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.parse_math": False,
}


def inline(figure: Figure, prefix: str, alt: str, variables: Mapping[str, str]) -> str:
    """The SVG element for the page.

    Args:
        figure: the picture, in STYLE.
        prefix: what its ids start with, another one for each picture of a page.
        alt: what it shows, for those who do not see it.
        variables: placeholder colour -> what stands for it in the page, besides INK and BAND.
    """
    stream = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    for colour, variable in {**_VARIABLES, **variables}.items():
        svg = svg.replace(colour, variable)
    return svg


def standalone(svg: str, style: str) -> str:
    """The element as a file of its own, with a style sheet that sets its variables."""
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return svg.replace(">", f"><style>{style}</style>", 1)
