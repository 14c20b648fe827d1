"""Hover: what the equation of the call under the mouse is, in words."""

from collections.abc import Iterator

from lsprotocol import types

from einlint.algebra.equation import EquationError, parse
from einlint.diagnostics import Range
from einlint.explanation import explanation
from einlint.lsp.diagnostics import shown
from einlint.lsp.document import Document
from einlint.lsp.positions import range_in, touches
from einlint.source.callsite import CallSite
from einlint.source.finder import UnparsableError, find_calls, parse_file


def hover(document: Document, place: types.Position) -> types.Hover | None:
    """What is known of the call whose name or equation stands at `place`; of nested the inner."""
    if document.source is None:
        return None
    try:
        sites = find_calls(parse_file(document.source))
    except UnparsableError:
        return None
    here = types.Range(place, place)
    for site in reversed(sites):
        where = range_in(document.lines, _head(site), document.codec)
        if touches(where, here) and (text := "\n\n".join(_paragraphs(site, document))):
            return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)
    return None


def _head(site: CallSite) -> Range:
    """From the start of the call up to the end of its equation, or of its name."""
    start, end = site.span.start, site.arguments.equation_end
    opening = site.lines.text.find("(", start)
    return site.lines.range(start, end or max(start, opening))


def _paragraphs(site: CallSite, document: Document) -> Iterator[str]:
    """What is found at the call, and the explanation of its equation."""
    for each in document.result.diagnostics:
        if each.range == site.range:
            rows = shown(each, document).message.splitlines()
            yield "  \n".join([f"**{each.code}** {rows[0]}", *rows[1:]])
    equation = site.arguments.equation
    if equation is not None:
        try:
            text = explanation(equation, _sizes(site, equation), "float32")
        except EquationError:
            return  # EIN001 and EIN003 say why
        yield f"```text\n{text.rstrip()}\n```"


def _sizes(site: CallSite, equation: str) -> dict[str, int]:
    """The sizes of indices that the code around the call shows as numbers."""
    terms, shapes = parse(equation).inputs, site.arguments.shapes
    return {
        label: axis.size
        for term, shape in zip(terms, shapes, strict=False)
        if shape is not None and len(shape) == len(term) and "..." not in term
        for label, axis in zip(term, shape, strict=True)
        if isinstance(axis.size, int)
    }
