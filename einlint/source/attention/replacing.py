"""Replace an attention that is written by hand by one call, and prove the edits."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from einlint.diagnostics import Edit
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.finder import UnparsableError, parse_file
from einlint.source.sdpa.heads import grouped
from einlint.source.sdpa.one_call.deletions import shortened
from einlint.source.sdpa.one_call.gathered import (
    gathered,
    masking_statements,
    name_for_mask,
    renamed,
)
from einlint.source.sdpa.one_call.proof import Claim
from einlint.source.sdpa.one_call.remaining import check_what_stays
from einlint.source.sdpa.one_call.removing import (
    deleted_besides,
    edits_that_remove,
    removable,
)
from einlint.source.sdpa.one_call.resized import sizes_rewritten
from einlint.source.sdpa.one_call.writing import Call, written
from einlint.source.sdpa.reading import Read, functions_read
from einlint.source.sdpa.texts import UnwritableError

# Where most formatters break lines by default.
_LONGEST_LINE = 88
_INDENT = "    "
# What in them stands in parentheses is grouped by these, and not called with.
_GROUPING = (ast.Attribute, ast.BinOp, ast.Assign, ast.Return)


@dataclass(frozen=True, slots=True)
class Replacement:
    """One call for the chain.

    text: the call on one line. edits: empty if it is only shown, and then `obstacle` says why.
    is_nested: its mask is one of more than two, by conditions in conditions.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    obstacle: str = ""
    is_nested: bool = False


def replacement(
    fact: HandWrittenAttention, *, may_group: bool, has_scale: bool
) -> Replacement | None:
    """The call that computes the same, proved; None if nothing can be said of it.

    may_group: the call may repeat the heads of key and value. has_scale: it takes a scale; else
        the query is scaled.
    """
    if not has_scale and fact.parts.has_scale:
        return replace(fact, parts=replace(fact.parts, has_scale=False)).replacement()
    heads = grouped(fact.matched, fact.read) if may_group else None
    if heads is not None:
        parts = replace(fact.parts, heads=heads)
        found = replace(fact, parts=parts).replacement()
        if found is not None and found.edits:
            return found
    found = _replacement(fact)
    is_plain = bool(found.edits) and not found.is_nested
    if is_plain or not fact.parts.masks or fact.parts.gathered:
        return found
    name = name_for_mask(fact.read)
    built = _replacement(replace(fact, parts=replace(fact.parts, gathered=name)))
    return built if name and built.edits else found


def _replacement(fact: HandWrittenAttention) -> Replacement:
    """The call with its mask as it is to be written."""
    try:
        call = written(fact.matched, fact.parts, fact.read)
    except UnwritableError as error:
        return Replacement("", obstacle=str(error))
    except RecursionError:
        return Replacement("", obstacle="it is nested too deeply")
    if call.module is None:
        return Replacement(call.text(), obstacle="nothing that has the function is imported")
    try:
        edits = _edits(fact, call)
    except UnwritableError as error:
        return Replacement(call.text(), obstacle=str(error))
    except RecursionError:
        return Replacement(call.text(), obstacle="the function is nested too deeply")
    if edits is None:
        return Replacement("", obstacle="it is not proved to compute the same")
    return Replacement(call.text(), edits, is_nested=call.has_nested_mask)


def _edits(fact: HandWrittenAttention, call: Call) -> tuple[Edit, ...] | None:
    """The edits; None if reading their result again does not prove them."""
    if not fact.read.recorder.budget.read_again(fact.start, len(fact.parsed.source.text)):
        raise UnwritableError("the file holds more attention than is proved")
    product = _replaced(fact, call)
    parts, read = fact.parts, fact.read
    staying = masking_statements(parts, read) if parts.gathered else ()
    statements = removable(fact.matched, parts, read, call.names, staying)
    lines, bound = read.file.lines, read.file.bound
    edits = [product]
    if parts.gathered:
        mask = gathered(fact.matched, parts, read, statements)
        edits += mask.edits
        statements = [each for each in statements if each not in mask.statements]
        staying = mask.statements
    sizes = sizes_rewritten(fact.matched, read, [*statements, *staying])
    if parts.gathered:
        sizes |= renamed(fact.matched, parts, read, [*statements, *staying])
    deleted = deleted_besides({*statements}, fact.matched, read, call.names)
    unnamed = [name for _, names in deleted for name in names]
    check_what_stays(fact.matched, read, [*statements, *staying, *sizes, *unnamed])
    edits += edits_that_remove(statements, lines, bound)
    edits += [edit for node, names in deleted for edit in shortened(node, names, lines)]
    edits += [Edit(*lines.extent(node), text) for node, text in sizes.items()]
    ordered = tuple(sorted(edits, key=lambda edit: edit.start))
    return ordered if is_proved(fact, ordered) else None


def is_proved(fact: HandWrittenAttention, edits: Sequence[Edit]) -> bool:
    """Whether reading the text behind these edits shows that it computes the same."""
    after = _read_again(fact, edits)
    return after is not None and Claim(fact.matched, fact.parts, fact.read, after).holds()


def _replaced(fact: HandWrittenAttention, call: Call) -> Edit:
    lines = fact.read.file.lines
    node = fact.read.recorder.nodes[fact.matched.product]
    assert isinstance(node, ast.expr)
    start, end = _place(fact, node)
    if "#" in lines.text[start:end]:
        raise UnwritableError("a comment stands in the product")
    number = lines.line_number(start)
    line = lines.line(number)
    width = len(lines.text[lines.starts[number - 1] : start]) + len(call.text())
    width += len(lines.text[end : lines.end(lines.line_number(end))])
    if width <= _LONGEST_LINE or lines.line_number(end) != number:
        return Edit(start, end, call.text())
    indent = line[: len(line) - len(line.lstrip())]
    return Edit(start, end, call.on_lines(indent, _unit(fact.read), lines.newline))


def _unit(read: Read) -> str:
    """What the body of the function is indented by."""
    function, first = read.function, read.function.body[0]
    line = read.file.lines.line(first.lineno)
    unit = line[function.col_offset : first.col_offset]
    return unit if unit and not unit.strip() else _INDENT


def _place(fact: HandWrittenAttention, node: ast.expr) -> tuple[int, int]:
    """What the call replaces; a call needs no parentheses."""
    lines, parent = fact.read.file.lines, fact.parsed.bound.parents[node]
    start, end = lines.extent(node)
    before, behind = lines.text[:start].rstrip(" "), lines.text[end:].lstrip(" ")
    is_grouped = before.endswith("(") and behind.startswith(")")
    if not is_grouped or not isinstance(parent, _GROUPING):
        return start, end
    return len(before) - 1, len(lines.text) - len(behind) + 1


def _read_again(fact: HandWrittenAttention, edits: Sequence[Edit]) -> Read | None:
    """The function in the text behind the edits."""
    source = fact.parsed.source
    text = source.text
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: edit.start] + edit.content + text[edit.end :]
    try:
        parsed = parse_file(replace(source, text=text, places=None), fact.parsed.functions)
    except UnparsableError:
        return None
    functions = fact.parsed.bound.functions()
    place = functions.index(fact.read.function)
    others = parsed.bound.functions()
    if len(others) != len(functions):
        return None
    wanted = others[place]
    reads = functions_read(parsed.bound, parsed.lines, only=wanted)
    return next((each for each in reads if each.function is wanted), None)
