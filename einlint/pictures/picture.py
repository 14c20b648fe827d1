"""`picture`: a contraction as SVG, from its equation alone."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, tostring

from einlint.algebra.equation import Equation
from einlint.pictures.columns import columns
from einlint.pictures.drawing import Drawing, large, small
from einlint.pictures.elements import element
from einlint.pictures.look import STYLE
from einlint.pictures.subject import Subject
from einlint.pictures.wires import wires
from einlint.pictures.words import doubt_lines, in_words, order_title, step_lines

_MARGIN: Final = 14
_LINE: Final = 19
_DROP: Final = 112
_COMPACT_DROP: Final = 70
# Wider pictures, with more operands, are drawn in columns.
_WIDEST: Final = 920
_MOST_SIDE_BY_SIDE: Final = 6
_WIDE: Final = 500  # those that a page does not shrink to the width of a phone
_NARROWEST: Final = 330  # for the legend


def picture(
    equation: Equation, sizes: Mapping[str, int] | None = None, names: Sequence[str] = ()
) -> str:
    """The picture as an SVG file, in the colours of its reader's light or dark mode.

    Args:
        equation: the equation.
        sizes: sizes of some or all indices, for the cells and for the order of the operands.
        names: those of the operands; without them they are a, b, and so on.
    """
    drawn = picture_element(equation, sizes, names)
    return standalone(drawn)


def standalone(drawn: Element) -> str:
    """A picture with its style sheet, as a file of its own."""
    drawn.set("xmlns", "http://www.w3.org/2000/svg")
    drawn.insert(0, element("style", STYLE))
    return f"{tostring(drawn, encoding='unicode')}\n"


def picture_element(
    equation: Equation,
    sizes: Mapping[str, int] | None = None,
    names: Sequence[str] = (),
    *,
    has_title: bool = True,
) -> Element:
    """The same as an element for a page that holds `STYLE`.

    has_title: the picture shows the equation; not where a heading of the page does.
    """
    subject = Subject.of(equation, sizes or {}, names)
    body = _laid_out(subject, _DROP)
    title = str(equation) if has_title else ""
    lines = list(_lines(subject, max(body.width, large(title), _NARROWEST)))
    width = max(body.width, large(title), *(each[1] for each in lines), 0.0)
    elements, y = [], 0.0
    if has_title:
        elements.append(element("text", title, x=width / 2, y=9))
        y += 19
    elements.append(element("text", subject.noun, class_="small mute", x=width / 2, y=y + 9))
    elements.append(_moved(body, (width - body.width) / 2, y + 23))
    y += 43 + body.height
    for line, _ in lines:
        elements.append(element("g", *line, transform=f"translate(0 {y:g})"))
        y += _LINE
    return _svg(elements, width, y - 8, in_words(subject))


def compact(
    equation: Equation, sizes: Mapping[str, int], names: Sequence[str], largest: tuple[int, int]
) -> tuple[Element, float]:
    """The drawing alone, as large as (width, height) allow, and its scale."""
    subject = Subject.of(equation, sizes, names)
    body = _laid_out(subject, _COMPACT_DROP)
    drawn = _svg([_moved(body, 0, 0)], body.width, body.height, in_words(subject))
    width, height = body.width + 2 * _MARGIN, body.height + 2 * _MARGIN
    scale = min(1.0, largest[0] / width, largest[1] / height)
    drawn.set("width", f"{width * scale:.0f}")
    drawn.set("height", f"{int(height * scale)}")
    return drawn, scale


def _laid_out(subject: Subject, drop: float) -> Drawing:
    if len(subject.names) > _MOST_SIDE_BY_SIDE:
        return columns(subject)
    drawn = wires(subject, drop)
    return drawn if drawn.width <= _WIDEST else columns(subject)


def _svg(elements: Sequence[Element], width: float, height: float, words: str) -> Element:
    """The element, with a margin."""
    width, height = width + 2 * _MARGIN, height + 2 * _MARGIN
    return element(
        "svg",
        element("rect", class_="paper", width="100%", height="100%"),
        element("g", *elements, transform=f"translate({_MARGIN} {_MARGIN})"),
        class_="einsum wide" if width > _WIDE else "einsum",
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="img",
        aria_label=words,
    )


def _moved(drawing: Drawing, x: float, y: float) -> Element:
    return element("g", *drawing.elements, transform=f"translate({x:g} {y:g})")


def _lines(subject: Subject, width: float) -> Iterator[tuple[list[Element], float]]:
    """The lines below the drawing, each with its width: legend, steps and doubts."""
    for name, meaning, labels in subject.roles():
        text = f"{name}: {meaning}"
        indices = ", ".join(labels)
        start = 40 + large(indices) + 8
        yield (
            [
                element("path", class_=f"wire {subject.form(labels[0])}", d="M0 0h30"),
                element("text", indices, class_="start", x=40, y=0),
                element("text", text, class_="small start", x=start, y=0),
            ],
            start + small(text),
        )
    if subject.order is not None:
        yield _text(order_title(subject.order), "mute")
        yield from map(_text, step_lines(subject.order, subject.names))
    for doubt in doubt_lines(subject):
        for line in textwrap.wrap(doubt, int(width / small(" "))):
            yield _text(line, "doubt")


def _text(text: str, look: str = "") -> tuple[list[Element], float]:
    return [element("text", text, class_=f"small start {look}".rstrip(), x=0, y=0)], small(text)
