"""Hover: what the equation of the call under the mouse is, in words."""

from collections.abc import Iterator
from typing import Final

from lsprotocol import types

from einlint.algebra.contraction import Contraction
from einlint.algebra.sizes import Axis, Symbol
from einlint.lsp.diagnostics import shown
from einlint.lsp.document import Document, Opened
from einlint.lsp.positions import touches
from einlint.rewriting.explanation import explanation
from einlint.source.callsite import Arguments, CallSite
from einlint.source.facts.einsum_call import EinsumCall

_UNKNOWN: Final = "?"


def hover(opened: Opened, document: Document, place: types.Position) -> types.Hover | None:
    """What is known of the call whose name or equation stands at `place`; of nested the inner."""
    here = types.Range(place, place)
    for call in reversed(opened.calls):
        if document.holds(call.start):
            where = document.range(call.start, _end_of_head(call.site))
            if touches(where, here) and (text := "\n\n".join(_paragraphs(call, document, opened))):
                return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)
    return None


def _end_of_head(site: CallSite) -> int:
    """The end of the equation of a call, or of its name."""
    opening = site.lines.text.find("(", site.start)
    return site.arguments.equation_end or max(site.start, opening)


def _paragraphs(call: EinsumCall, document: Document, opened: Opened) -> Iterator[str]:
    """What is found at the call, the sizes of its operands, and what its equation is."""
    found = [each for each in opened.findings.diagnostics if each.fact is call]
    for each in found:
        rows = shown(each, document, opened).message.splitlines()
        yield "  \n".join([f"**{each.code}** {rows[0]}", *rows[1:]])
    operands = list(_operands(call.site.arguments))
    if operands:
        yield "\n".join(["```text", "Operands", *operands, "```"])
    if call.contraction is not None:  # else EIN001 and EIN003 say why
        text = explanation(call.text, _sizes(call.site, call.contraction), "float32")
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


def _sizes(site: CallSite, contraction: Contraction) -> dict[str, int]:
    """The sizes of indices that the code around the call shows as numbers."""
    terms, shapes = contraction.equation.inputs, site.arguments.shapes
    return {
        label: axis.size
        for term, shape in zip(terms, shapes, strict=False)
        if shape is not None and len(shape) == len(term) and "..." not in term
        for label, axis in zip(term, shape, strict=True)
        if isinstance(axis.size, int) and axis.size != 1  # 1 may broadcast
    }
