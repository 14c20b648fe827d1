"""Hover: findings, sizes and explanation of the call under the mouse."""

from collections.abc import Iterator
from typing import Final

from lsprotocol import types

from einlint.algebra.sizes import Axis, Symbol
from einlint.linting.one_call import judged
from einlint.lsp.diagnostics import shown
from einlint.lsp.document import Document, Opened
from einlint.lsp.positions import touches
from einlint.rewriting.explained_text import as_text
from einlint.rewriting.explanation import Explanation
from einlint.source.callsite import Arguments, CallSite
from einlint.source.facts.einsum_call import EinsumCall

_UNKNOWN: Final = "?"


def hover(
    opened: Opened, document: Document, place: types.Position, *, has_images: bool = False
) -> types.Hover | None:
    """The hover for the innermost call whose name or equation is at `place`.

    has_images: the editor shows the images of Markdown; others would show their addresses.
    """
    here = types.Range(place, place)
    for call in reversed(opened.calls):
        if document.holds(call.start):
            where = document.range(call.start, _end_of_head(call.site))
            paragraphs = _paragraphs(call, document, opened, has_images=has_images)
            if touches(where, here) and (text := "\n\n".join(paragraphs)):
                return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)
    return None


def _end_of_head(site: CallSite) -> int:
    """The end of the equation of a call, or of its name."""
    opening = site.lines.text.find("(", site.start)
    return site.arguments.equation_end or max(site.start, opening)


def _paragraphs(
    call: EinsumCall, document: Document, opened: Opened, *, has_images: bool
) -> Iterator[str]:
    """The findings of the call, the sizes of its operands, and the explanation of its equation."""
    found = [each for each in opened.findings.diagnostics if each.fact is call]
    for each in found:
        first, *rest = shown(each, document, opened).message.splitlines()
        yield "  \n".join([f"**{each.code}** {first}", *rest])
    operands = list(_operands(call.site.arguments))
    if operands:
        yield "\n".join(["```text", "Operands", *operands, "```"])
    explained = judged(call, opened.settings, {}, "float32").explanation
    if explained is not None:  # else EIN001 and EIN003 say why
        if has_images:
            yield from _picture(explained, call)
        yield f"```text\n{as_text(explained).rstrip()}\n```"


def _picture(explained: Explanation, call: EinsumCall) -> Iterator[str]:
    """The picture of the equation, if it can be drawn small; the text says the same."""
    from einlint.pictures.image import image  # nobody waits for it before the first hover

    names = [each.source for each in call.site.arguments.operands or ()]
    address = image(explained.equation, explained.sizes, names)
    if address is not None:
        yield f"![wires of {explained.equation}]({address})"


def _operands(arguments: Arguments) -> Iterator[str]:
    """A line for each operand with a size that the code around the call shows."""
    count = len(arguments.shapes)
    texts = [each.source for each in arguments.operands or ()]
    names = texts if len(texts) == count else [f"operand {n}" for n in range(1, count + 1)]
    width = max(map(len, names), default=0)
    for name, shape in zip(names, arguments.shapes, strict=True):
        axes = [_size(axis) for axis in shape or ()]
        if any(each != _UNKNOWN for each in axes):
            comma = "," if len(axes) == 1 else ""
            yield f"  {name:<{width}}  ({', '.join(axes)}{comma})"


def _size(axis: Axis) -> str:
    """A size as a number or a name; `?` if it depends on an unknown size."""
    match axis.size:
        case int(number):
            return str(number)
        case Symbol(name=name) if _UNKNOWN not in name:
            return name
    return _UNKNOWN
