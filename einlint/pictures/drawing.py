"""Drawing: elements with the space that they take, and the marks that all layouts share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from einlint.pictures.elements import element
from einlint.pictures.subject import Subject

CELL: Final = 34
"""The height of a cell, and its smallest width, in pixels."""
SPACE: Final = 6
"""Between two cells of a row."""
_SMALL: Final = 7.0  # a character of small text; the fonts are monospace
_LARGE: Final = 9.2


@dataclass(frozen=True, slots=True)
class Drawing:
    """Elements from (0, 0) on, in pixels."""

    elements: tuple[Element, ...]
    width: float
    height: float


def small(text: str) -> float:
    """The width of a small text in pixels, or a little more."""
    return _SMALL * len(text)


def large(text: str) -> float:
    """The width of a text in pixels, or a little more."""
    return _LARGE * len(text)


def cell_width(subject: Subject) -> float:
    """Wide enough for the longest size, or for an ellipsis."""
    return max(CELL, *(small(str(size)) + 8 for size in subject.sizes.values()), 0)


def cell(label: str, x: float, y: float, subject: Subject) -> Iterator[Element]:
    """One axis: its index, and its size where it is known."""
    width, size = cell_width(subject), subject.sizes.get(label)
    yield element(
        "rect",
        class_=f"cell {subject.form(label)}",
        x=x - width / 2,
        y=y - CELL / 2,
        width=width,
        height=CELL,
        rx=7,
    )
    yield element("text", label, x=x, y=y if size is None else y - 6)
    if size is not None:
        yield element("text", str(size), class_="small", x=x, y=y + 9)


def scalar(x: float, y: float) -> Iterator[Element]:
    """A tensor without axes."""
    yield element("circle", class_="cell number", cx=x, cy=y, r=9)
    yield element("text", "1", class_="small", x=x, y=y)


def sum_of(label: str, x: float, y: float, subject: Subject) -> Iterator[Element]:
    """`Σ d`, with the number of its step, and with a question mark where it is doubted."""
    text = sum_text(label, subject)
    width = large(text) + 6
    paper = {"x": x - width / 2, "y": y - 10, "width": width, "height": 20}
    yield element("rect", class_="paper", **paper)
    doubt = {"class_": "doubt"} if subject.is_doubted(label) else {}
    yield element("text", text, x=x, y=y, **doubt)


def sum_text(label: str, subject: Subject) -> str:
    """The text of a sum."""
    step = subject.order.step_of(label) if subject.order else None
    number = "" if step is None else f"{step}: "
    return f"{number}Σ {label}{' ?' if subject.is_doubted(label) else ''}"


def name_of(name: str, x: float, y: float) -> Element:
    """The name of a row, which ends at x."""
    return element("text", name, class_="small mute end", x=x, y=y)
