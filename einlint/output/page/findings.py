"""The page of check: findings by equation with a picture, and by file with code and diffs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element

from einlint import __version__
from einlint.algebra.equation import EquationError, parse
from einlint.diagnostics import Diagnostic
from einlint.output.format import Report
from einlint.output.page.document import html, page, style
from einlint.output.page.finding import advice, finding, head, prose
from einlint.output.paint import Paint
from einlint.output.ranking import ranking
from einlint.output.summary import summary
from einlint.pictures.elements import element
from einlint.pictures.look import STYLE
from einlint.pictures.picture import picture_element
from einlint.printable import counted, printable, shown_name


def findings_page(report: Report) -> str:
    """The whole page; everything that comes from files is escaped."""
    parts = list(_sections(report))
    links = (element("a", each.title, href=f"#{each.anchor}") for each in parts)
    body = [
        element("h1", "einlint check"),
        element("p", f"einlint {__version__}", class_="made"),
        *_summary(report),
        element("nav", *links, aria_label="Parts of this page"),
        *(each.section() for each in parts),
    ]
    return page("einlint check", html(body), (style("findings.css"), STYLE))


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the page with a heading."""

    anchor: str
    title: str
    content: Sequence[Element]

    def section(self) -> Element:
        heading = element("h2", self.title, id=self.anchor)
        return element("section", heading, *self.content, aria_labelledby=self.anchor)


def _sections(report: Report) -> Iterator[_Part]:
    found = report.diagnostics
    anchors = [f"finding{number}" for number, _ in enumerate(found, 1)]
    if found or report.hidden:
        yield _Part("codes", "Counts", [_counts(report)])
    equations = list(_by_equation(report, anchors))
    if equations:
        cards = element("div", *equations, class_="cards")
        yield _Part("equations", "By equation", [cards])
    if found:
        yield _Part("files", "By file", list(_by_file(report, anchors)))
    if report.hidden:
        yield _Part("pedantic", "With --pedantic", list(_hidden(report)))
    if report.applied:
        lines = (each.line(Paint()).strip() for each in report.applied)
        yield _Part("fixed", "Fixed", [_list(lines)])


def _summary(report: Report) -> Iterator[Element]:
    for line in summary(report, Paint()).splitlines():
        yield element("p", *prose(line.removeprefix("[*] ")))  # that mark is of texts
    if report.is_partial:
        yield element("p", "Some files could not be checked; standard error has them.")
    for reason, count in sorted(report.unjudged.items()):
        yield element("p", reason.told(count))
    if ranked := ranking(report):
        yield element("pre", ranked, class_="text")


def _counts(report: Report) -> Element:
    """A row for each code."""
    shown, fixable, hidden = (
        Counter((each.code, each.name) for each in group)
        for group in (
            report.diagnostics,
            [each for each in report.diagnostics if each.is_fixable(report.threshold)],
            report.hidden,
        )
    )
    names = ("code", "name", "findings", "fixable", "with --pedantic")
    rows = (
        element(
            "tr",
            element("th", key[0], scope="row"),
            element("td", key[1]),
            *(element("td", str(each[key])) for each in (shown, fixable, hidden)),
        )
        for key in sorted({*shown, *hidden})
    )
    headings = (element("th", name, scope="col") for name in names)
    table = element("table", element("thead", element("tr", *headings)), element("tbody", *rows))
    return element(
        "div", table, class_="scroll", role="region", aria_labelledby="codes", tabindex=0
    )


def _by_equation(report: Report, anchors: Sequence[str]) -> Iterator[Element]:
    """Each equation with its picture and its findings, the most frequent first."""
    groups: dict[str, list[tuple[Diagnostic, str]]] = {}
    for each, anchor in zip(report.diagnostics, anchors, strict=True):
        if each.about is not None and each.about.equation is not None:
            key = each.about.canonical or each.about.equation
            groups.setdefault(key, []).append((each, anchor))
    for alike in sorted(groups.values(), key=len, reverse=True):
        texts = Counter(each.about.equation or "" for each, _ in alike if each.about)
        text = texts.most_common(1)[0][0]
        links = (_link(each, anchor, report) for each, anchor in alike)
        places = (part for link in links for part in (link, " "))
        yield element(
            "div",
            element("h3", element("code", printable(text))),
            _picture(text),
            element("p", f"{counted(len(alike), 'finding')}: ", *places, class_="places"),
        )


def _picture(text: str) -> Element:
    try:
        return element("figure", picture_element(parse(text), has_title=False))
    except EquationError as error:
        return element("p", *prose(f"torch rejects this equation: {error.reason}"))


def _link(diagnostic: Diagnostic, anchor: str, report: Report) -> Element:
    place = report.place(diagnostic).within(diagnostic.filename)
    return element("a", f"{place} {diagnostic.code}", href=f"#{anchor}")


def _by_file(report: Report, anchors: Sequence[str]) -> Iterator[Element]:
    pairs = zip(report.diagnostics, anchors, strict=True)
    for filename, group in groupby(pairs, key=lambda pair: pair[0].filename):
        yield element("h3", shown_name(filename))
        yield from (finding(each, anchor, report) for each, anchor in group)


def _hidden(report: Report) -> Iterator[Element]:
    """What that option would add: no code, as most of it is read by nobody."""
    note = "These spellings are either not proved safe or not simpler for everybody."
    yield element("p", note)
    for each in report.hidden:
        yield element("article", head(each, report), *advice(each), class_="hidden")


def _list(lines: Iterator[str]) -> Element:
    return element("ul", *(element("li", *prose(line)) for line in lines))
