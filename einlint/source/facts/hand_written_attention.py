"""HandWrittenAttention: products with a softmax between them, which one call may compute."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from einlint.diagnostics import Description, Edit
from einlint.source.ancestors import enclosing_function
from einlint.source.finder import Matcher, ParsedFile, UnparsableError, parse_file
from einlint.source.sdpa.alone import Alone, alone
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.fused_elsewhere import FusedElsewhere
from einlint.source.sdpa.heads import grouped
from einlint.source.sdpa.matching import Matched, matches
from einlint.source.sdpa.parts import Parts, parts_of
from einlint.source.sdpa.proof import Claim
from einlint.source.sdpa.reading import Read, functions_read
from einlint.source.sdpa.remaining import check_what_stays
from einlint.source.sdpa.removing import edits_that_remove, removable
from einlint.source.sdpa.steps import Step
from einlint.source.sdpa.texts import UnwritableError
from einlint.source.sdpa.writing import Call, written
from einlint.source.terms import APPLY, CALL, ITEM, PRODUCT, TUPLE

_CALLED = re.compile(r"att(n|en)|dots|\bsim\b|scores?\b|energy", re.IGNORECASE)
_UNKNOWN = frozenset({CALL, APPLY, ITEM, TUPLE, PRODUCT})
# Where most formatters break lines by default.
_LONGEST_LINE = 88
# What in them stands in parentheses is grouped by these, and not called with.
_GROUPING = (ast.Attribute, ast.BinOp, ast.Assign, ast.Return)


@dataclass(frozen=True, slots=True)
class Replacement:
    """One call for the chain.

    text: the call on one line. edits: empty if it is only shown, and then `obstacle` says why.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HandWrittenAttention:
    """An attention that is written by hand.

    spans: of everything that it is written with: the two products and the steps between them.
    products: of the two products.
    obstacles: why one call cannot compute the same; none if it can.
    """

    start: int
    end: int
    description: Description
    spans: tuple[tuple[int, int], ...]
    products: tuple[tuple[int, int], ...]
    obstacles: tuple[str, ...]
    matched: Matched = field(repr=False)
    parts: Parts = field(repr=False)
    read: Read = field(repr=False)
    parsed: ParsedFile = field(repr=False)

    @property
    def is_causal(self) -> bool:
        """Whether its only mask is that of a causal attention, which the call makes itself."""
        return is_causal(self.matched, self.parts, self.read)

    @property
    def takes_four_axes(self) -> bool:
        """Whether an operand is taken to have four axes, as its transposition suggests."""
        operands = self.matched.query, self.matched.key, self.matched.value
        return any(each.takes_four_axes(self.read) for each in operands)

    def alone(self) -> Alone:
        """It and the call, as expressions that run on their own.

        Raises:
            UnwritableError: they cannot; the message says why.
        """
        return alone(self.matched, self.parts, self.read)

    def replacement(self, *, may_group: bool = False, has_scale: bool = True) -> Replacement | None:
        """The call that computes the same, proved; None if nothing can be said of it.

        may_group: the call may repeat the heads of key and value. has_scale: it takes a scale; else
            the query is scaled.
        """
        if not has_scale and self.parts.has_scale:
            return replace(self, parts=replace(self.parts, has_scale=False)).replacement()
        heads = grouped(self.matched, self.read) if may_group else None
        if heads is not None:
            parts = replace(self.parts, heads=heads)
            found = replace(self, parts=parts).replacement()
            if found is not None and found.edits:
                return found
        try:
            call = written(self.matched, self.parts, self.read)
        except UnwritableError as error:
            return Replacement("", obstacle=str(error))
        except RecursionError:
            return Replacement("", obstacle="it is nested too deeply")
        if call.module is None:
            return Replacement(call.text(), obstacle="nothing that has the function is imported")
        try:
            edits = self._edits(call)
        except UnwritableError as error:
            return Replacement(call.text(), obstacle=str(error))
        except RecursionError:
            return Replacement(call.text(), obstacle="the function is nested too deeply")
        if edits is None:
            return Replacement("", obstacle="it is not proved to compute the same")
        return Replacement(call.text(), edits)

    def _edits(self, call: Call) -> tuple[Edit, ...] | None:
        """The edits; None if reading their result again does not prove them."""
        if not self.read.recorder.budget.read_again(self.start, len(self.parsed.source.text)):
            raise UnwritableError("the file holds more attention than is proved")
        product = self._replaced(call)
        statements = removable(self.matched, self.parts, self.read)
        check_what_stays(self.matched, self.read, statements)
        lines, bound = self.read.file.lines, self.read.file.bound
        edits = [*edits_that_remove(statements, lines, bound), product]
        ordered = tuple(sorted(edits, key=lambda edit: edit.start))
        return ordered if self.is_proved(ordered) else None

    def is_proved(self, edits: Sequence[Edit]) -> bool:
        """Whether reading the text behind these edits shows that it computes the same."""
        after = self._read_again(edits)
        return after is not None and Claim(self.matched, self.parts, self.read, after).holds()

    def _replaced(self, call: Call) -> Edit:
        lines = self.read.file.lines
        node = self.read.recorder.nodes[self.matched.product]
        assert isinstance(node, ast.expr)
        start, end = self._place(node)
        if "#" in lines.text[start:end]:
            raise UnwritableError("a comment stands in the product")
        number = lines.line_number(start)
        line = lines.line(number)
        width = len(lines.text[lines.starts[number - 1] : start]) + len(call.text())
        width += len(lines.text[end : lines.end(lines.line_number(end))])
        if width <= _LONGEST_LINE or lines.line_number(end) != number:
            return Edit(start, end, call.text())
        indent = line[: len(line) - len(line.lstrip())]
        return Edit(start, end, call.on_lines(indent, lines.newline))

    def _place(self, node: ast.expr) -> tuple[int, int]:
        """What the call replaces; a call needs no parentheses."""
        lines, parent = self.read.file.lines, self.parsed.bound.parents[node]
        start, end = lines.extent(node)
        before, behind = lines.text[:start].rstrip(" "), lines.text[end:].lstrip(" ")
        is_grouped = before.endswith("(") and behind.startswith(")")
        if not is_grouped or not isinstance(parent, _GROUPING):
            return start, end
        return len(before) - 1, len(lines.text) - len(behind) + 1

    def _read_again(self, edits: Sequence[Edit]) -> Read | None:
        """The function in the text behind the edits."""
        source = self.parsed.source
        text = source.text
        for edit in sorted(edits, key=lambda each: each.start, reverse=True):
            text = text[: edit.start] + edit.content + text[edit.end :]
        try:
            parsed = parse_file(replace(source, text=text, places=None), self.parsed.functions)
        except UnparsableError:
            return None
        functions = self.parsed.bound.functions()
        place = functions.index(self.read.function)
        others = parsed.bound.functions()
        if len(others) != len(functions):
            return None
        wanted = others[place]
        reads = functions_read(parsed.bound, parsed.lines, only=wanted)
        return next((each for each in reads if each.function is wanted), None)


def find(parsed: ParsedFile) -> Iterator[HandWrittenAttention]:
    """The attention of a file that is written by hand."""
    fused, parsed = FusedElsewhere.of(parsed), parsed.without_facts_of(HandWrittenAttention)
    for read in functions_read(
        parsed.bound, parsed.lines, lambda each: not fused.speaks_for(each, parsed)
    ):
        seen: set[int] = set()
        for matched in matches(read):
            fact = _fact(matched, read, parsed)
            # Weights that several products use make one finding.
            if fact.start not in seen and _is_attention(fact):
                seen.add(fact.start)
                yield fact


def _is_attention(fact: HandWrittenAttention) -> bool:
    """Whether it is called so where something unknown is done between the products."""
    steps = (*fact.matched.scores.steps, *fact.matched.weights.steps)
    unknown = (each for each in steps if each.step is Step.OTHER)
    if all(each.term.operator not in _UNKNOWN for each in unknown):
        return True
    lines = fact.parsed.lines
    texts = [fact.description.function, *(lines.text[start:end] for start, end in fact.spans)]
    homes = (fact.read.recorder.homes.get(each) for each in fact.matched.terms)
    texts += [lines.line(each.lineno) for each in homes if each is not None]
    return any(_CALLED.search(each) for each in texts)


def _fact(matched: Matched, read: Read, parsed: ParsedFile) -> HandWrittenAttention:
    recorder, lines = read.recorder, parsed.lines
    parts = parts_of(matched, read)
    nodes = (recorder.nodes.get(each) for each in matched.terms)
    spans = {lines.extent(each) for each in nodes if isinstance(each, ast.expr | ast.stmt)}
    ends = (recorder.nodes.get(each) for each in (matched.scores.base, matched.product))
    products = sorted(lines.extent(each) for each in ends if isinstance(each, ast.expr))
    first = recorder.nodes[matched.product]
    description = Description(function=enclosing_function(first, parsed.bound.parents))
    return HandWrittenAttention(
        *products[0],
        description,
        tuple(sorted(spans)),
        tuple(products),
        tuple(parts.obstacles),
        matched,
        parts,
        read,
        parsed,
    )


_PRODUCTS = ("einsum", "matmul", "bmm", "@")

MATCHER = Matcher(HandWrittenAttention, find, (("oftmax",), _PRODUCTS))
