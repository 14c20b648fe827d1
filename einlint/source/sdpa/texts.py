"""The text of operands, as it may stand where the product with the values is."""

import ast
import re
from dataclasses import dataclass
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.source.other_products import other_product
from einlint.source.sdpa.axes import before, is_spread, spread, view_of
from einlint.source.sdpa.filling import index_of
from einlint.source.sdpa.matching import Operand
from einlint.source.sdpa.of_scores.blended import WHERE, blended
from einlint.source.sdpa.of_scores.instead import kept, text_instead
from einlint.source.sdpa.of_scores.joined import Flattened
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import Place
from einlint.source.sdpa.steps import Done
from einlint.source.sdpa.values import is_asked_for, is_there
from einlint.source.terms import CHOICE, FREE, PATH, PRODUCT, Term

_MOST_VIEWS: Final = 6
_PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)
# What may do something else when it is evaluated at another place.
_RESTLESS = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_BREAK: Final = re.compile(r"\s*\n\s*")


class UnwritableError(Exception):
    """The replacement has no text; the message says why."""


def operands_of(node: ast.AST, term: Term, read: Read) -> list[ast.expr]:
    """The expressions of a term's operands, in their order, as far as they are written there."""
    match node:
        case ast.BinOp() if term.operator == WHERE:
            scores, mask = blended(node) or (node, node)
            return [mask, scores, node]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.AugAssign(target=target, value=value):
            return [target, value]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Assign(targets=[ast.Subscript(value=target) as filled], value=value):
            index = index_of(filled)
            return [] if index is None else [target, index, value]
        case ast.Attribute(value=value):
            return [value]
        case ast.Call():
            return _arguments(node, term, read)
    return []


def _arguments(node: ast.Call, term: Term, read: Read) -> list[ast.expr]:
    args, named = list(node.args), [each.value for each in node.keywords]
    path = read.recorder.path(node.func)
    other = None if node in read.recorder.apis else other_product(node, path)
    if other is not None:
        return other[1]
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    is_fused = (path or name).endswith("baddbmm")
    if isinstance(node.func, ast.Attribute) and path is None and term.operator != "apply":
        args.insert(0, node.func.value)
    if term.operator == "apply":
        return [node.func, *args, *named]
    if is_fused:
        by_name = {each.arg: each.value for each in node.keywords}
        sides = [by_name[each] for each in ("batch1", "batch2") if each in by_name]
        base, *sides = (*args, *sides)
        if term.operator == PRODUCT:
            return sides
        return [base, node] if term.operator == "add" else [node, by_name.get("alpha", node)]
    if term.operator == PRODUCT and node in read.recorder.apis:
        args = args[1:]
        match args:
            case [ast.List(elts=parts) | ast.Tuple(elts=parts)]:
                return parts
        return args
    return [*args, *named]


@dataclass(frozen=True, slots=True)
class Words:
    """Writes the text of expressions at the place of an expression of a function."""

    read: Read
    there: Place
    node: ast.expr
    tests: tuple[tuple[Term, bool], ...] = ()

    def where(self, tests: tuple[tuple[Term, bool], ...]) -> "Words":
        """The same in an expression that is evaluated only where these tests hold, or do not."""
        return Words(self.read, self.there, self.node, tests)

    def of(self, node: ast.expr, term: Term) -> tuple[str, bool]:
        """The text of an expression on one line, and whether it needs no parentheses.

        Raises:
            UnwritableError: it means something else at the place, or cannot be put there.
        """
        if self._means_the_same(node):
            lines, asked = self.read.file.lines, self.read.recorder.asked
            text = text_instead(node, asked, lines, self._name_of).replace("\r\n", "\n")
            if "\n" in text:
                if "#" in text or "'''" in text or '"""' in text or "\\" in text:
                    raise UnwritableError("a comment stands in what would move")
                text = _BREAK.sub(" ", text).replace("( ", "(").replace(" )", ")")
                text = text.replace(",)", ")") if not isinstance(node, ast.Tuple) else text
            return text, isinstance(node, _PRIMARY)
        name = self._name_of(term)
        if name is not None:
            return name, True
        raise UnwritableError("a name stands for something else at the second product")

    def _name_of(self, term: Term) -> str | None:
        """A name that stands for a term here."""
        return next((name for name, other in self.there.names.items() if other is term), None)

    def primary(self, node: ast.expr, term: Term) -> str:
        """The text, in parentheses where it needs them."""
        text, is_primary = self.of(node, term)
        return text if is_primary else f"({text})"

    def call(self) -> ast.Call:
        """A call that stands there."""
        if isinstance(self.node, ast.Call):
            return self.node
        bound = self.read.file.bound
        call = ast.copy_location(ast.Call(ast.Constant(None), [], []), self.node)
        bound.scopes[call] = bound.scopes[self.node]
        bound.parents[call] = bound.parents[self.node]
        return call

    def other(self, done: Done) -> str:
        """The text of the other operand of a step.

        Raises:
            UnwritableError: it has none there.
        """
        node = self.read.recorder.nodes.get(done.term)
        if node is None:
            raise UnwritableError("a step is computed by another function")
        operands = operands_of(node, done.term, self.read)
        place = 1 - done.place
        if len(operands) <= place:
            raise UnwritableError("a step is written in a way that is not known")
        return self.primary(operands[place], done.term.operands[place])

    def _means_the_same(self, node: ast.expr) -> bool:
        for each in kept(node, self.read.recorder.asked):
            if isinstance(each, _RESTLESS):
                return False
            if isinstance(each, ast.Name):
                known = self.read.recorder.names.get(each, self)
                now = self.there.names.get(each.id)
                if known is None or (known is self and now is not None):
                    return False
                if isinstance(known, Term):
                    is_outer = known.operator == FREE and now is None
                    if is_outer and each.id in self.read.file.bound.all_scopes[0].shared:
                        return False  # a function that declares it global may have bound it anew
                    here = now or self.read.recorder.unbound.get(each.id)
                    if not self._stands_for(here, known):
                        return False
        return True

    def _stands_for(self, here: Term | None, known: Term) -> bool:
        """Whether a name that stands for one term here may be read for another."""
        if here is known or known.operator == PATH:
            return True
        if here is None or here.operator != CHOICE:
            return False
        test, one, other = here.operands
        for choice, holds in self.tests:
            if test is choice.operands[0] and (one if holds else other) is known:
                return True  # it is read in that branch only
        # `x = x.unsqueeze(1)` where x is not None: it is None behind that if it was before.
        return is_asked_for(test, known) and other is known and is_there(test, one)

    def operand(self, operand: Operand, batch: Subscripts, last: Subscripts) -> str:
        """An operand of a product with its axes in this order; missing ones are inserted."""
        node = self.read.recorder.nodes.get(operand.product)
        nodes = operands_of(node, operand.product, self.read) if node is not None else []
        if len(nodes) <= operand.place:
            return self._named(operand, batch, last)
        if isinstance(operand, Flattened):
            text = self.primary(nodes[operand.place], operand.product.operands[operand.place])
            views = suffix(operand.labels, wanted(operand.labels, batch, last))
            return f"{text}.flatten({operand.at}, {operand.at + 1}){views}"
        return self._arranged(nodes[operand.place], operand.term, operand.labels, batch, last)

    def _named(self, operand: Operand, batch: Subscripts, last: Subscripts) -> str:
        """An operand of what a helper computes, by a name that stands for it here."""
        term, labels = operand.term, operand.labels
        for _ in range(_MOST_VIEWS):
            name = self._name_of(term)
            if name is not None:
                return name + suffix(labels, wanted(labels, batch, last))
            view = view_of(term)
            ahead = None if view is None else before(view, labels, self._rank(term))
            if ahead is None:
                break
            term, labels = term.operands[0], ahead
        raise UnwritableError("an operand is computed by another function")

    def _arranged(
        self,
        node: ast.expr,
        term: Term,
        labels: Subscripts,
        batch: Subscripts,
        last: Subscripts,
    ) -> str:
        want = wanted(labels, batch, last)
        if _is_same(labels, want):
            return self.of(node, term)[0]
        base, below, seen = node, term, labels
        for _ in range(_MOST_VIEWS):
            view = view_of(below)
            if view is None or self.read.recorder.nodes.get(below) is not base:
                break
            inner = operands_of(base, below, self.read)
            ahead = before(view, seen, self._rank(below))
            if not inner or ahead is None:
                break
            base, below, seen = inner[0], below.operands[0], ahead
            want_here = wanted(seen, batch, last)
            if _is_same(seen, want_here):
                return self.of(base, below)[0]
            if len(seen) == len(want_here) and ELLIPSIS not in seen:
                one_view = suffix(seen, want_here)
                if one_view.startswith(".transpose"):
                    return self.primary(base, below) + one_view
        return self.primary(node, term) + suffix(labels, want)

    def _rank(self, term: Term) -> int | None:
        return self.read.file.rank(term, self.there.knowledge)


def _is_same(one: Subscripts, other: Subscripts) -> bool:
    length = max(len(one), len(other))
    return spread(one, length) == spread(other, length)


def wanted(labels: Subscripts, batch: Subscripts, last: Subscripts) -> Subscripts:
    """The axes in the order of one call: the batch, then the last two.

    Raises:
        UnwritableError: the axes of an ellipsis would have to be told apart.
    """
    own = [each for each in labels if each not in last]
    if ELLIPSIS in own and ELLIPSIS not in batch:
        if len(own) > 1:
            raise UnwritableError("an ellipsis stands for some of its axes")
        return (ELLIPSIS, *last)
    if all(map(is_spread, own)):
        return (*own, *last)
    missing = {each for each in batch if each not in own}
    first = next((place for place, each in enumerate(batch) if each not in missing), len(batch))
    kept = batch[first:]
    if ELLIPSIS in missing & {*kept}:
        raise UnwritableError("an ellipsis stands for axes that are missing elsewhere")
    return (*kept, *last)


def suffix(labels: Subscripts, want: Subscripts) -> str:
    """The views that bring axes into an order.

    Raises:
        UnwritableError: they cannot be numbered.
    """
    order = tuple(each for each in want if each in labels)
    text = ""
    moved = [place for place, each in enumerate(labels) if order[place] != each]
    if moved:
        text = _permuted(labels, order, moved)
    for place, each in enumerate(want):
        if each not in labels:
            if ELLIPSIS in want[: place + 1]:
                place -= len(want)
            text += f".unsqueeze({place})"
    return text


def _permuted(labels: Subscripts, order: Subscripts, moved: list[int]) -> str:
    count = len(labels)
    if len(moved) == 2:
        one, other = moved
        if one >= count - 2 or (ELLIPSIS in labels[: other + 1]):
            one, other = one - count, other - count
        if ELLIPSIS in (labels[moved[0]], labels[moved[1]]):
            raise UnwritableError("an ellipsis stands among its axes")
        return f".transpose({one}, {other})"
    if ELLIPSIS in labels:
        raise UnwritableError("an ellipsis stands among its axes")
    return f".permute({', '.join(str(labels.index(each)) for each in order)})"
