"""A mask that is built where the scores were masked: `attn_mask = attn_mask.masked_fill(m, low)`.

One expression for many optional masks of several kinds would be hard to read. Every statement that
masked the scores masks zeros of their size instead, and the call adds them.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Final

from einlint.diagnostics import Edit
from einlint.source.sdpa.filling import index_of
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.of_scores.instead import kept, made_instead
from einlint.source.sdpa.one_call.zeros import sizes_of_zeros
from einlint.source.sdpa.parts import Mask, Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done, Step
from einlint.source.sdpa.texts import UnwritableError, operands_of
from einlint.source.sdpa.values import value_of
from einlint.source.terms import ATTRIBUTE, CALL, Term

_NAMES: Final = ("attn_mask", "attn_bias", "scores_mask", "mask_of_scores")
# The lowest number of float16.
_LOWEST_HALF: Final = -65504.0
_IN_PLACE: Final = "masked_fill_"
_SIGNS: Final = {ast.Add: "+", ast.Sub: "-"}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What builds the mask.

    statements: those that masked the scores, in their order. edits: what they become, and the
        statement that makes the zeros.
    """

    statements: tuple[ast.stmt, ...]
    edits: tuple[Edit, ...]


def name_for_mask(read: Read) -> str:
    """A name that the function does not have; empty if it has all of them."""
    taken = {each.id for each in ast.walk(read.function) if isinstance(each, ast.Name)}
    taken |= {each.arg for each in ast.walk(read.function) if isinstance(each, ast.arg)}
    return next((each for each in _NAMES if each not in taken), "")


def masking_statements(parts: Parts, read: Read) -> tuple[ast.stmt, ...]:
    """The statements that mask the scores, in their order.

    Raises:
        UnwritableError: another function does.
    """
    homes = [read.recorder.homes.get(each.done.term) for each in parts.masks]
    found = {each for each in homes if each is not None}
    if None in homes:
        raise UnwritableError("a mask is computed by another function")
    return tuple(sorted(found, key=lambda each: (each.lineno, each.col_offset)))


def gathered(matched: Matched, parts: Parts, read: Read, removed: Sequence[ast.stmt]) -> Gathered:
    """The statements that build the mask.

    removed: the statements that nobody needs any longer.

    Raises:
        UnwritableError: a mask is no step of a statement of its own.
    """
    if not matched.is_upright or any(each.window or each.scales for each in parts.masks):
        raise UnwritableError("several masks are optional")
    is_cast = any(each.step is Step.CAST for each in matched.scores.steps)
    if is_cast and not all(map(_fits_half, parts.masks)):
        raise UnwritableError("a mask has a number that query and key cannot hold in float16")
    statements = masking_statements(parts, read)
    builder = _Builder(matched, parts, read)
    texts = {each: builder.statement(each) for each in statements}
    lines = read.file.lines
    start = builder.start(statements[0], removed)
    edits = [Edit(*lines.extent(each), text) for each, text in texts.items() if each is not start]
    head = builder.zeros()
    at, end = lines.extent(start)
    indent = lines.text[at - start.col_offset : at]
    if start in texts:
        edits.append(Edit(at, end, f"{head}{lines.newline}{indent}{texts[start]}"))
    elif start in removed:
        if "#" in lines.text[at:end]:
            raise UnwritableError("a comment stands in what would be replaced")
        edits.append(Edit(at, end, head))
    else:
        edits.append(Edit(at, at, f"{head}{lines.newline}{indent}"))
    return Gathered((*statements, *([start] if start in removed else [])), tuple(edits))


def _fits_half(mask: Mask) -> bool:
    """Whether `masked_fill` takes what is filled in where query and key are in float16."""
    numbers = [value_of(each) for each in mask.done.term.operands if not _is_limit(each)]
    return all(each is None or isinf(each) or each >= _LOWEST_HALF for each in numbers)


def _is_limit(term: Term) -> bool:
    """Whether it is `torch.finfo(scores.dtype).min`, or of another dtype that is asked for."""
    owner = term.operands[0] if term.operator == ATTRIBUTE else term
    return owner.operator == CALL and any(e.operator == ATTRIBUTE for e in owner.operands)


@dataclass(frozen=True, slots=True)
class _Builder:
    matched: Matched
    parts: Parts
    read: Read

    @property
    def _names(self) -> Mapping[str, Term]:
        """What names stand for where the scores are computed."""
        place = self.read.recorder.places.get(self.matched.scores.base)
        if place is None:
            raise UnwritableError("the scores are computed by another function")
        return place.names

    def zeros(self) -> str:
        """The statement that makes them: `attn_mask = q.new_zeros(q.shape[-2], k.shape[-2])`."""
        sizes = sizes_of_zeros(self.matched, self.parts, self.read)
        if sizes is None:
            raise UnwritableError("the lengths of the scores are not known")
        by_term = {term: name for name, term in self._names.items() if "." not in name}
        owners = [by_term.get(each.operands[0]) for each in sizes]
        if None in owners:
            raise UnwritableError("no name stands for query or key")
        texts = (f"{name}.shape[{each.detail}]" for name, each in zip(owners, sizes, strict=True))
        return f"{self.parts.gathered} = {owners[0]}.new_zeros({', '.join(texts)})"

    def start(self, first: ast.stmt, removed: Sequence[ast.stmt]) -> ast.stmt:
        """Where the zeros are made: where the scores were, or in front of the first mask."""
        recorder, parents = self.read.recorder, self.read.file.bound.parents
        product = recorder.homes[self.matched.product]
        scores = recorder.homes.get(self.matched.scores.base)
        own = scores is not None and parents[scores] is parents[product]
        if scores is not None and own and (scores in removed or scores is first):
            return scores
        node: ast.AST = first
        while parents.get(node) is not parents[product]:
            if node not in parents:
                raise UnwritableError("the masks stand in another block")
            node = parents[node]
        assert isinstance(node, ast.stmt)
        return node

    def statement(self, node: ast.stmt) -> str:
        """A statement that masks the scores, as one that masks the zeros."""
        name = self.parts.gathered
        match node:
            case (
                ast.Assign(targets=[ast.Name()], value=value)
                | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
            ):
                return f"{name} = {self._masked(value)}"
            case ast.AugAssign(target=ast.Name(), op=op, value=value) if type(op) in _SIGNS:
                return f"{name} = {name} {_SIGNS[type(op)]} {self._text(value, ())}"
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=attr)) as value) if (
                attr == _IN_PLACE
            ):
                return f"{name} = {self._masked(value)}"
            case ast.Assign(targets=[ast.Subscript() as target], value=value) if (
                node in self.read.recorder.fills and (index := index_of(target)) is not None
            ):
                mask, low = (self._text(each, ()) for each in (index, value))
                return f"{name} = {name}.masked_fill({mask}, {low})"
        raise UnwritableError("a mask is no step of a statement of its own")

    def _masked(self, value: ast.expr) -> str:
        """An expression with the zeros instead of the scores."""
        steps = {
            node: each.done
            for each in self.parts.masks
            if (node := self.read.recorder.nodes.get(each.done.term)) is not None
        }
        replaced: list[tuple[int, int, str]] = []
        base = value
        while base in steps:
            replaced += self._out_of_place(base)
            done: Done = steps[base]
            operands = operands_of(base, done.term, self.read)
            if len(operands) <= done.place:
                raise UnwritableError("a mask is no step of a statement of its own")
            base = operands[done.place]
        if base is value or not self._is_scores(base):
            raise UnwritableError("a mask is no step of a statement of its own")
        return self._text(value, (base,), tuple(replaced))

    def _is_scores(self, node: ast.expr) -> bool:
        recorder, terms = self.read.recorder, {*self.matched.terms}
        term: Term | None
        if isinstance(node, ast.Name):
            term = recorder.names.get(node)
            return term in terms
        return any(recorder.nodes.get(each) is node for each in terms)

    def _out_of_place(self, node: ast.expr) -> Iterator[tuple[int, int, str]]:
        """Zeros are smaller than what masks them may be."""
        match node:
            case ast.Call(func=ast.Attribute(attr=attr) as called) if attr == _IN_PLACE:
                _, end = self.read.file.lines.extent(called)
                yield end - 1, end, ""

    def _text(
        self,
        node: ast.expr,
        bases: tuple[ast.expr, ...],
        more: tuple[tuple[int, int, str], ...] = (),
    ) -> str:
        """The text of an expression, with the name of the mask for what it was made of."""
        recorder, lines = self.read.recorder, self.read.file.lines
        inside = {*self.matched.terms}
        below = {each for base in bases for each in ast.walk(base)}
        named = [each for each in kept(node, recorder.asked) if isinstance(each, ast.Name)]
        read = [e for e in named if e not in below and recorder.names.get(e) in inside]
        if not all(_is_kind(each, self.read) for each in read):
            raise UnwritableError("a mask reads the scores")
        start, end = lines.extent(node)
        if "#" in lines.text[start:end]:
            raise UnwritableError("a comment stands in what would be replaced")
        if any(each in recorder.asked.expanded for each in ast.walk(node)):
            raise UnwritableError("a mask is expanded to the scores")
        lent = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
        others = [each for each in lent if each not in below and self._is_lent(each)]
        mask = self.parts.gathered
        found = [*more, *((*lines.extent(each), mask) for each in (*bases, *read))]
        found += [(*lines.extent(each), recorder.asked.lent[each].name) for each in others]
        names = {term: name for name, term in self._names.items() if "." not in name}
        for each in ast.walk(node):
            if isinstance(each, ast.expr) and each not in below:
                made = made_instead(each, recorder.asked, lines, names.get)
                found += [(*lines.extent(each), made)] if made else []
        text, at = "", start
        for first, last, instead in sorted(found):
            if first >= at:  # what is asked within another one goes with it
                text, at = f"{text}{lines.text[at:first]}{instead}", last
        return text + lines.text[at:end]

    def _is_lent(self, node: ast.Name) -> bool:
        lent = self.read.recorder.asked.lent.get(node)
        return lent is not None and lent.scores in self.matched.terms


def _is_kind(node: ast.Name, read: Read) -> bool:
    """Whether a value is asked for nothing but its dtype or device: the mask has the same."""
    match read.file.bound.parents[node]:
        case ast.Attribute(attr="dtype" | "device"):
            return True
    return False


def renamed(
    matched: Matched, parts: Parts, read: Read, gone: Iterable[ast.stmt]
) -> dict[ast.expr, str]:
    """What asks the scores for their dtype in what stays, between the products: the mask has it."""
    inside, taken = {*matched.terms}, {node for each in gone for node in ast.walk(each)}
    found: dict[ast.expr, str] = {}
    for node, term in read.recorder.names.items():
        is_open = node not in taken and node not in read.recorder.asked.lent
        if term in inside and is_open and _is_kind(node, read):
            found[node] = parts.gathered
    return found
