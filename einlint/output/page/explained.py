"""The pages of explain and rule: each equation, call or rule with a picture above the text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from einlint.algebra.equation import EquationError, parse
from einlint.output.page.document import html, page, style
from einlint.pictures.elements import element
from einlint.pictures.look import STYLE
from einlint.pictures.picture import picture_element
from einlint.printable import printable, printable_lines
from einlint.rewriting.explained_text import as_text
from einlint.rewriting.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Explained:
    """What is explained, its picture if it has one, and the text of the command."""

    heading: str
    picture: Element | None
    text: str


def part_of(found: Explanation) -> Explained:
    """An equation without a call."""
    drawn = picture_element(found.equation, found.sizes)
    return Explained(str(found.equation), drawn, as_text(found))


def part_of_rule(title: str, text: str, equation: str | None) -> Explained:
    """The page of a rule, with the picture of its example if torch accepts its equation."""
    try:
        drawn = None if equation is None else picture_element(parse(equation))
    except EquationError:
        drawn = None
    return Explained(title, drawn, text)


def explained_page(title: str, parts: Iterable[Explained]) -> str:
    """The whole page."""
    body = (element("h1", title), *(each for part in parts for each in _part(part)))
    return page(title, html(body), (style("findings.css"), STYLE))


def _part(part: Explained) -> Iterator[Element]:
    yield element("h2", element("code", printable(part.heading)))
    if part.picture is not None:
        yield element("figure", part.picture)
    yield element("pre", printable_lines(part.text.strip()), class_="text")
