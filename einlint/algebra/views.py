"""Views with literal axes, and what they do to the labels of a tensor."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.labels import UNIT

TRANSPOSE: Final = "transpose"
PERMUTE: Final = "permute"
REARRANGE: Final = "rearrange"  # einops': a permutation that also takes a list of tensors
MOVEDIM: Final = "movedim"
SQUEEZE: Final = "squeeze"
UNSQUEEZE: Final = "unsqueeze"
TURN: Final = "t"  # `.t()`, and `.T` of a matrix


class View(NamedTuple):
    """A view with literal axes: one of the names above, and its arguments."""

    name: str
    axes: tuple[int, ...] = ()


def weight(view: View) -> int:
    """How many exchanges of axes a reader has to follow; of three axes and more they are 2."""
    moved = [axis for axis, other in enumerate(view.axes) if axis != other % len(view.axes)]
    return 2 if view.name in (PERMUTE, REARRANGE) and len(moved) > 2 else 1


def viewed(views: Sequence[View], labels: Subscripts) -> Subscripts | None:
    """The labels that a tensor with these has after the views, the last one of them first."""
    seen: Subscripts | None = labels
    for view in reversed(views):
        seen = None if seen is None else _after(view, seen)
    return seen


def undone(view: View) -> View:
    """The view that takes its result back."""
    match view.name:
        case "squeeze":
            return View(UNSQUEEZE, view.axes)
        case "permute" | "rearrange":
            count = len(view.axes)
            order = [axis % count for axis in view.axes]
            return View(PERMUTE, tuple(map(order.index, range(count))))
        case "movedim":
            return View(MOVEDIM, view.axes[::-1])
    return view


def unviewed(view: View, labels: Subscripts) -> Subscripts | None:
    """The labels in front of a view; None where those behind it do not tell them."""
    if view.name == SQUEEZE:
        place = _place((*labels, UNIT), view.axes[0])
        if place is None or ELLIPSIS in labels or UNIT in labels:
            return None  # two axes of size 1 would have one label
        return (*labels[:place], UNIT, *labels[place:])
    return _after(undone(view), labels)


def _after(view: View, labels: Subscripts) -> Subscripts | None:
    """The labels behind a view; None where they are not sure."""
    places = [_place(labels, axis) for axis in view.axes]
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return None
    match view.name:
        case "transpose":
            first, second = known
            order = list(range(len(labels)))
            order[first], order[second] = second, first
            return tuple(labels[axis] for axis in order)
        case "squeeze":
            (place,) = known
            return labels[:place] + labels[place + 1 :] if labels[place] == UNIT else None
    if ELLIPSIS in labels:
        return None
    match view.name:
        case "permute" | "rearrange":
            is_order = sorted(known) == list(range(len(labels)))
            return tuple(labels[axis] for axis in known) if is_order else None
        case "movedim":
            rest = [label for axis, label in enumerate(labels) if axis != known[0]]
            rest.insert(known[1], labels[known[0]])
            return tuple(rest)
    return labels[::-1] if len(labels) == 2 else None


def _place(labels: Subscripts, axis: int) -> int | None:
    """The place of an axis among labels; None if there is none, or an ellipsis is on the way."""
    if not -len(labels) <= axis < len(labels):
        return None
    place = axis % len(labels)
    passed = labels[place:] if axis < 0 else labels[: place + 1]
    return None if ELLIPSIS in passed else place
