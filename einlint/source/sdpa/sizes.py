"""Lengths that scores are asked for: the query and the key have them, and stay."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from einlint.algebra.equation import ELLIPSIS
from einlint.source.sdpa.axes import before, view_of
from einlint.source.sdpa.matching import KEY, QUERY, Matched, Operand
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Step
from einlint.source.sdpa.texts import operands_of
from einlint.source.terms import ITEM, SHAPE, SIZE, SLICE, Term

_MOST_VIEWS: Final = 6
# What leaves rows and columns as they are, where the mask fits.
_KEEPING: Final = frozenset(
    {Step.SAME, Step.CAST, Step.SCALE, Step.DIVIDE, Step.ADD, Step.SUBTRACT, Step.FILL, Step.WHERE}
)


@dataclass(frozen=True, slots=True)
class Length:
    """The length of an axis of what a name stands for; axis: counted from the right."""

    name: str
    term: Term
    axis: int

    @property
    def text(self) -> str:
        """It in Python."""
        return f"{self.name}.shape[{self.axis}]"


@dataclass(frozen=True, slots=True)
class Lengths:
    """What scores are asked for.

    of: each length, and where else it is had from. users: what is computed from the scores for
        them. texts: what stands for the expressions that ask.
    """

    of: dict[Term, Length] = field(default_factory=dict)
    users: set[Term] = field(default_factory=set)
    texts: dict[ast.expr, str] = field(default_factory=dict)


def lengths_asked(matched: Matched, read: Read) -> Lengths:
    """The numbers of rows and columns that the scores of an attention are asked for."""
    found = Lengths()
    if matched.obstacle or not matched.is_upright:
        return found
    if not all(each.step in _KEEPING for each in matched.scores.steps):
        return found
    asking = [
        user
        for term in matched.scores.terms
        for user in read.users.get(term, ())
        if user.operator in (SIZE, SHAPE)
    ]
    rows, columns = _length(matched.query, QUERY, read), _length(matched.key, KEY, read)
    if not asking or rows is None or columns is None:
        return found
    rank = read.rank(matched.scores.base, matched.scores.base)
    for user in asking:
        node = read.recorder.nodes.get(user)
        if user.operator == SIZE and isinstance(node, ast.Subscript | ast.Call):
            place = user.detail if isinstance(user.detail, int) else 0
            place -= rank or 0 if place >= 0 else 0
            if place in (-2, -1):
                found.of[user] = rows if place == -2 else columns
                found.texts[node] = found.of[user].text
                found.users.add(user)
        elif user.operator == SHAPE:
            _both(user, (rows, columns), found, read)
    return found


def _both(shape: Term, ends: tuple[Length, Length], found: Lengths, read: Read) -> None:
    """`i, j = scores.shape[-2:]`."""
    pairs = [*read.users.get(shape, ())]
    nodes = [read.recorder.nodes.get(each) for each in pairs]
    parts = [part for each in pairs for part in read.users.get(each, ())]
    if not all(map(_is_last_two, pairs)) or not all(map(_is_part, parts)):
        return
    for node in nodes:
        if not isinstance(node, ast.Subscript):
            return
    text = ", ".join(each.text for each in ends)
    for node in nodes:
        if isinstance(node, ast.Subscript):
            is_alone = isinstance(read.file.bound.parents[node], ast.Assign)
            found.texts[node] = text if is_alone else f"({text})"
    found.of.update((each, ends[each.operands[1].integer or 0]) for each in parts)
    found.users.add(shape)


def _is_last_two(term: Term) -> bool:
    if term.operator != ITEM or term.operands[1].operator != SLICE:
        return False
    bounds = term.operands[1].operands
    rest = bounds[1:]
    return bounds[0].integer == -2 and all(each.is_constant(None) for each in rest)


def _is_part(term: Term) -> bool:
    return term.operator == ITEM and term.operands[1].integer in (0, 1)


def _length(operand: Operand, label: str, read: Read) -> Length | None:
    """Where an axis of an operand lies in what a name stands for."""
    node = read.recorder.nodes.get(operand.product)
    nodes = [] if node is None else operands_of(node, operand.product, read)
    base = nodes[operand.place] if len(nodes) > operand.place else None
    term, labels = operand.term, operand.labels
    for _ in range(_MOST_VIEWS):
        if isinstance(base, ast.Name):
            behind = labels[labels.index(label) :] if label in labels else (ELLIPSIS,)
            return None if ELLIPSIS in behind else Length(base.id, term, -len(behind))
        view = view_of(term)
        inner = [] if base is None or view is None else operands_of(base, term, read)
        rank = read.rank(term, operand.product)
        ahead = None if view is None else before(view, labels, rank)
        if not inner or ahead is None:
            return None
        base, term, labels = inner[0], term.operands[0], ahead
    return None


def replaced_in(lengths: Lengths, taken: set[ast.AST]) -> Iterator[tuple[ast.expr, str]]:
    """The expressions that stay and ask for a length, and what stands for them."""
    yield from ((node, text) for node, text in lengths.texts.items() if node not in taken)
