"""Scores that are split into windows for a mask, and joined again: `view(b // w, w, h, n, n)`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from einlint.algebra.sizes import Size, Symbol
from einlint.source.sdpa.axes import view_of
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done, Step
from einlint.source.terms import ATTRIBUTE, CONSTANT, SIZE, Term

_SPLITS: Final = frozenset({"view", "reshape"})
_MASKING: Final = frozenset({Step.ADD, Step.SUBTRACT, Step.FILL, Step.WHERE, Step.SAME})
_UNNAMED: Final = "?"
_MOST_VIEWS: Final = 6
_COMPUTED: Final = frozenset({ATTRIBUTE, SIZE, "mul", "floor_divide", "add", "sub", "math"})


@dataclass(frozen=True, slots=True)
class Window:
    """The first axis of the scores is split into two for a mask, and these are joined behind it.

    split: the view that does it.
    """

    split: Term

    @property
    def sizes(self) -> tuple[Term, Term]:
        """How long both axes are."""
        first, second = self.split.operands[1:3]
        return first, second


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of scores.

    masked: the masks in windows, by what masks. views: those that make and end windows.
    is_assumed: nothing shows the axes of the scores, and they are taken to be those that the
        windows are joined to.
    """

    masked: Mapping[Done, Window]
    views: frozenset[Done]
    is_assumed: bool = False


def windows(steps: Sequence[Done], read: Read, at: Term) -> Windows:
    """The windows between the products; at: the first product."""
    masked: dict[Done, Window] = {}
    views: set[Done] = set()
    is_assumed = False
    if at not in read.recorder.places:  # another function computes the scores
        return Windows(masked, frozenset())
    for place, done in enumerate(steps):
        if done.step is not Step.RESHAPE or done in views:
            continue
        behind = steps[place + 1 :]
        end = next((n for n, each in enumerate(behind) if each.step not in _MASKING), None)
        if end is None or not behind[:end]:
            continue
        if _are_inverse(done, behind[end]) and not _loses_axes(behind[end].term, read, at):
            is_assumed = is_assumed or not _keeps_the_last(behind[end].term, read, at)
            views |= {done, behind[end]}
            masked |= dict.fromkeys(behind[:end], Window(done.term))
    return Windows(masked, frozenset(views), is_assumed)


def _are_inverse(split: Done, joined: Done) -> bool:
    """Whether one splits the first axis into two, and the other joins just these."""
    is_pair = joined.step is Step.RESHAPE and split.tests == joined.tests
    if not is_pair or not {split.term.operator, joined.term.operator} <= _SPLITS:
        return False
    many, few = split.term.operands[1:], joined.term.operands[1:]
    if len(many) != len(few) + 1 or len(few) < 3 or split.term.names or joined.term.names:
        return False
    if any(each.is_constant(None) or each.integer == -1 for each in many):
        return False
    return all(map(is_same, many[2:], few[1:]))


def _loses_axes(joined: Term, read: Read, at: Term) -> bool:
    """Whether the scores are shown to have other axes than those that they are joined to.

    What is not shown is another thing: where a module of its own makes query and key, nothing is.
    """
    rank, count = read.rank(at, at), len(joined.operands) - 1
    ranks = (read.rank(each, at) for each in at.operands)
    is_other = rank not in (None, count) or any(each not in (None, count) for each in ranks)
    pairs = _last_lengths(joined, read, at)
    return is_other or any(None not in each and each[0] != each[1] for each in pairs)


def _keeps_the_last(joined: Term, read: Read, at: Term) -> bool:
    """Whether the shapes show that the axes of query and key are as long as they were.

    If the heads were not, the product with the values would raise.
    """
    pairs = _last_lengths(joined, read, at)
    return all(one is not None and one == other for one, other in pairs)


def _last_lengths(joined: Term, read: Read, at: Term) -> list[tuple[Size | None, Size | None]]:
    """How long the axes of query and key are, and what they are joined to; None if not shown."""
    place = read.recorder.places[at]
    shapes = [read.file.shape(each, place.knowledge) or () for each in (at, joined)]
    one, other = ([None, None, *(axis.size for axis in each)][-2:] for each in shapes)
    is_open = any(map(_leaves_a_length, at.operands))
    return [
        (None if is_open and a != b and _is_unnamed(a) else a, b)
        for a, b in zip(one, other, strict=True)
    ]


def _is_unnamed(size: Size | None) -> bool:
    return isinstance(size, Symbol) and size.name == _UNNAMED


def _leaves_a_length(operand: Term) -> bool:
    """Whether a view below it has a length that is what is left: `keys.view(b, -1, heads, c)`."""
    for _ in range(_MOST_VIEWS):
        if operand.operator in _SPLITS:
            return any(each.integer == -1 for each in operand.operands[1:])
        if view_of(operand) is None:
            break
        operand = operand.operands[0]
    return False


def is_same(one: Term, other: Term) -> bool:
    """Whether two terms are one number: `config.size` is read twice, and set by nobody between."""
    if one is other:
        return True
    if one.operator == CONSTANT:
        return other.operator == CONSTANT and one.detail == other.detail
    is_alike = (one.operator, one.detail, one.names) == (other.operator, other.detail, other.names)
    is_read = is_alike and one.operator in _COMPUTED and len(one.operands) == len(other.operands)
    return is_read and all(map(is_same, one.operands, other.operands))
