"""The axes of a value, named by labels, through the views that it passes."""

import re
from typing import Final

from einlint.algebra.einops_pattern import permutation_of
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.views import PERMUTE, TRANSPOSE, View, unviewed, viewed
from einlint.source.terms import APPLY, TUPLE, Term

_EXCHANGES: Final = frozenset({"transpose", "swapaxes", "swapdims"})
VIEWS: Final = frozenset({*_EXCHANGES, "t", "permute"})
_LAST_TWO: Final = View(TRANSPOSE, (-2, -1))
# The last axes of keys as the product with the query takes them.
_KEYS: Final = ("feature", "key")
_NUMBERED: Final = re.compile(r"\.\d")


def view_of(term: Term) -> View | None:
    """The view that a term makes of its first operand; None if it is no view of axes."""
    match term.operator:
        case "t":
            return _LAST_TWO  # of a matrix; of more axes torch is about to reject it
        case "permute" if not term.names:
            axes = term.operands[1:]
            if len(axes) == 1 and axes[0].operator == TUPLE:
                axes = axes[0].operands
            order = _integers(axes)
            is_order = order is not None and sorted(axis % len(order) for axis in order) == list(
                range(len(order))
            )
            return View(PERMUTE, order) if order and is_order else None
        case "rearrange":
            text = term.operands[1].detail if len(term.operands) == 2 else None
            order = permutation_of(text) if isinstance(text, str) else None
            return View(PERMUTE, order) if order else None
    if term.operator in _EXCHANGES:
        pair = _integers(term.operands[1:])
        return View(TRANSPOSE, pair) if pair is not None and len(pair) == 2 else None
    return None


def _integers(terms: tuple[Term, ...]) -> tuple[int, ...] | None:
    numbers = tuple(each.integer for each in terms if each.integer is not None)
    return numbers if len(numbers) == len(terms) else None


def below(term: Term) -> Term:
    """What a value is a view of."""
    while view_of(term) is not None:
        term = term.operands[0]
    return term


def exchanges_second_and_third(term: Term) -> bool:
    """Whether it is `x.transpose(1, 2)`, which as a key of scores has three axes."""
    view = view_of(term)
    return view is not None and view.name == TRANSPOSE and {*view.axes} == {1, 2}


def exchanges_first_two(term: Term) -> bool:
    """Whether it is `x.transpose(0, 1)`, which as a key of scores is a matrix."""
    view = view_of(term)
    return view is not None and view.name == TRANSPOSE and {*view.axes} == {0, 1}


def spread(labels: Subscripts, rank: int | None) -> Subscripts:
    """The labels with one for each axis of the ellipsis, if the number of axes is known."""
    if ELLIPSIS not in labels or rank is None or rank < len(labels) - 1:
        return labels
    at = labels.index(ELLIPSIS)
    many = tuple(f".{number}" for number in range(rank - len(labels) + 1))
    return (*labels[:at], *many, *labels[at + 1 :])


def is_spread(label: str) -> bool:
    """Whether it is one of an ellipsis."""
    return label == ELLIPSIS or _NUMBERED.match(label) is not None


def behind(view: View, labels: Subscripts, rank: int | None = None) -> Subscripts | None:
    """The labels behind a view."""
    return viewed((view,), spread(labels, _rank(view, labels, rank)))


def before(view: View, labels: Subscripts, rank: int | None = None) -> Subscripts | None:
    """The labels in front of a view."""
    return unviewed(view, spread(labels, _rank(view, labels, rank)))


def taken_axes(view: View, labels: Subscripts, rank: int | None) -> int | None:
    """How many axes a view is taken to have, if nothing but itself tells it; else None.

    Of keys that exchange the second axis with the third that is three: of four, the third one is
    exchanged with the fourth.
    """
    if ELLIPSIS not in labels or rank is not None or view.name != TRANSPOSE:
        return None
    if {*view.axes} == {2, 3}:
        return 4
    return 3 if {*view.axes} == {1, 2} and labels[-2:] == _KEYS else None


def _rank(view: View, labels: Subscripts, rank: int | None) -> int | None:
    if view.name == PERMUTE:
        return len(view.axes)
    return taken_axes(view, labels, rank) or rank


def turn_of(layout: Subscripts | None, row: str, over: str, batch: Subscripts) -> str | None:
    """The view that puts rows and columns last; it counts from the right, as broadcasting does."""
    if layout is None or row not in layout or over not in layout:
        return None
    match layout.index(over) - layout.index(row), layout[layout.index(row) + 1 :]:
        case 1, [_]:
            view, order = "", layout
        case 1, [_, trail]:
            view, order = ".movedim(-1, -3)", (*layout[:-3], trail, row, over)
        case 1, [_, first, second]:
            view = ".movedim((-2, -1), (-4, -3))"
            order = (*layout[:-4], first, second, row, over)
        case 2, [between, _]:
            view, order = ".transpose(-3, -2)", (*layout[:-3], between, row, over)
        case _:
            return None
    return view if order[:-2] == batch else None


def axis_of(softmax: Term) -> int | None:
    """The axis that the softmax is taken over, if it is literal."""
    axis = _given_axis(softmax)
    return None if axis is None else axis.integer


def _given_axis(softmax: Term) -> Term | None:
    made = softmax.operands[0] if softmax.operator == APPLY else softmax
    axis = made.keywords.get("dim") or made.keywords.get("axis")
    return axis or next(iter(made.positional[softmax.operator != APPLY :]), None)


def obstacle_of_axis(softmax: Term, rank: int | None) -> str:
    """Why the axis of a softmax is not known, in the words of a report; rank: of the scores."""
    axis = _given_axis(softmax)
    is_chosen = axis is None or axis.is_constant(None)
    if softmax.operator not in ("softmax", APPLY) or softmax.is_method or not is_chosen:
        return "the axis of the softmax is not literal"
    said = "the softmax is given no axis, and torch takes the first of three, else the second"
    return f"{said}: likely a bug" if rank is not None and rank > 2 else said
