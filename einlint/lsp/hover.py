"""Hover: what the equation of the call under the mouse is, in words."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lsprotocol import types

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import EquationError, parse
from einlint.algebra.sizes import Axis, Symbol
from einlint.diagnostics import Range
from einlint.lsp.diagnostics import shown
from einlint.lsp.document import Document
from einlint.lsp.positions import range_in, touches
from einlint.rewriting.explanation import explanation
from einlint.source.callsite import Arguments, CallSite
from einlint.source.finder import UnparsableError, find_calls, parse_file
from einlint.source.shape_hint import shape_hint

_UNKNOWN: Final = "?"


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
        head = _lifted(_head(site), document.rows)
        if not 1 <= head.start.row <= len(document.lines.starts):
            continue  # in another cell
        where = range_in(document.lines, head, document.codec)
        if touches(where, here) and (text := "\n\n".join(_paragraphs(site, document))):
            return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)
    return None


def _head(site: CallSite) -> Range:
    """From the start of the call up to the end of its equation, or of its name."""
    start, end = site.span.start, site.arguments.equation_end
    opening = site.lines.text.find("(", start)
    return site.lines.range(start, end or max(start, opening))


def _lifted(where: Range, rows: int) -> Range:
    """A range of the module as one of the document."""
    start, end = (replace(each, row=each.row - rows) for each in (where.start, where.end))
    return Range(start, end)


def _paragraphs(site: CallSite, document: Document) -> Iterator[str]:
    """What is found at the call, the sizes of its operands, and what its equation is."""
    where = _lifted(site.range, document.rows)
    found = [each for each in document.diagnostics if each.range == where]
    for each in found:
        rows = shown(each, document).message.splitlines()
        yield "  \n".join([f"**{each.code}** {rows[0]}", *rows[1:]])
    operands = list(_operands(site.arguments))
    if operands:
        yield "\n".join(["```text", "Operands", *operands, "```"])
    equation = site.arguments.equation
    if equation is not None:
        try:
            text = explanation(equation, _sizes(site, equation), "float32")
        except EquationError:
            return  # EIN001 and EIN003 say why
        hint = shape_hint(site, contraction_of(parse(equation)))
        if hint is not None and not any(hint in each.notes for each in found):
            yield hint
        yield f"```text\n{text.rstrip()}\n```"


def _operands(arguments: Arguments) -> Iterator[str]:
    """A row for each operand of which the code around the call shows a size."""
    count = len(arguments.shapes)
    texts = [each.source for each in arguments.operands or ()]
    names = texts if len(texts) == count else [f"operand {n}" for n in range(1, count + 1)]
    width = max(map(len, names), default=0)
    for name, shape in zip(names, arguments.shapes, strict=True):
        axes = [_words(axis) for axis in shape or ()]
        if any(each != _UNKNOWN for each in axes):
            comma = "," if len(axes) == 1 else ""
            yield f"  {name:<{width}}  ({', '.join(axes)}{comma})"


def _words(axis: Axis) -> str:
    """A size as a number or a name; one that is made of unknown ones is unknown."""
    match axis.size:
        case int(number):
            return str(number)
        case Symbol(name=name) if _UNKNOWN not in name:
            return name
    return _UNKNOWN


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
