"""What an attention is made of besides its products, and what forbids to write it as one call."""

from dataclasses import dataclass, field, replace
from typing import Final

from einlint.source.sdpa.between import casting_aside, obstacles_between
from einlint.source.sdpa.filling import is_told_apart
from einlint.source.sdpa.given import is_number_by_default
from einlint.source.sdpa.heads import Repeated
from einlint.source.sdpa.indexed import indexed
from einlint.source.sdpa.matching import Matched, is_softmax
from einlint.source.sdpa.of_scores.adding import adds_to_scores
from einlint.source.sdpa.of_scores.besides import Moved
from einlint.source.sdpa.of_scores.borrowed import are_parts_of_one, made_of
from einlint.source.sdpa.of_scores.branches import are_opposed, is_within, with_number
from einlint.source.sdpa.of_scores.casts import SINGLE, is_single
from einlint.source.sdpa.of_scores.checks import check_of
from einlint.source.sdpa.of_scores.clearing import filling, is_clearing
from einlint.source.sdpa.of_scores.joined import views_of
from einlint.source.sdpa.of_scores.scales import is_positive, may_scale_query
from einlint.source.sdpa.of_scores.uses import use_of
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done, Step, is_of_self, name_of_step
from einlint.source.sdpa.values import (
    is_boolean,
    is_low,
    is_nothing,
    is_number,
    is_own_maximum,
    scale_behind,
)
from einlint.source.sdpa.windows import Window, windows
from einlint.source.terms import APPLY, ATTRIBUTE, CALL, ITEM, PRODUCT, STARRED, TUPLE, Term

_MOST_USERS: Final = 200
_LOW_DTYPES: Final = ("double", "half", "bfloat16")
# What is in them is used by somebody else, whose obstacle it is.
_CONTAINERS: Final = frozenset({TUPLE, STARRED})
_NAMED: Final = {
    "topk": "only the largest scores are kept",
    "cat": "more columns are joined to the scores",
    "concat": "more columns are joined to the scores",
    "pad": "more columns are joined to the scores",
    "stack": "the scores are stacked with other ones",
    "tanh": "the scores are bounded by a tanh",
    "detach": "the scores are detached",
    "dropout": "there is a dropout before the softmax",
    "Dropout": "there is a dropout before the softmax",
    "Dropout_or_Identity": "there is a dropout before the softmax",
    "item": "only a part of the scores is taken",
}


@dataclass(frozen=True, slots=True)
class Mask:
    """What masks the scores, or is added to them.

    keeps: of a boolean one, whether it is true where attention is paid; None for one that is added.
    is_subtracted: it is subtracted instead.
    scales: what scales it together with the scores.
    window: how the scores are split for it.
    turn: the view that brings it into the order of the call, as text.
    is_called: a function is given the scores, and adds it; `place` is another argument of that.
    """

    done: Done
    place: int
    keeps: bool | None = None
    is_subtracted: bool = False
    scales: tuple[Done, ...] = ()
    window: Window | None = None
    turn: str = ""
    is_called: bool = False

    @property
    def term(self) -> Term:
        """What it is."""
        return self.done.term.operands[self.place]


@dataclass(slots=True)
class Parts:
    """All parts, and the reasons why one call cannot do the same.

    numbers: the steps that scale the scores by a number. on_query: those by what may be a tensor.
    on_value: the steps that scale the weights by a number.
    dropped: values that nobody needs any longer, such as what masked scores are filled with.
    cleared: the steps that set weights to 0 which are 0 already.
    heads: key and value, if the call repeats their heads.
    has_scale: the call takes a scale. is_indexed: a mask is the index of an assignment.
    is_windowed: the scores are taken to have the axes that their windows are joined to.
    gathered: the name of a mask that is built where the scores were masked; empty without one.
    """

    numbers: list[Done] = field(default_factory=list)
    on_query: list[Done] = field(default_factory=list)
    on_value: list[Done] = field(default_factory=list)
    masks: list[Mask] = field(default_factory=list)
    dropout: Done | None = None
    is_cast: bool = False
    dropped: list[Term] = field(default_factory=list)
    cleared: list[Done] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    heads: tuple[Repeated, Repeated] | None = None
    has_scale: bool = True
    is_indexed: bool = False
    is_windowed: bool = False
    gathered: str = ""

    def block(self, obstacle: str) -> None:
        """Note a reason."""
        if obstacle not in self.obstacles:
            self.obstacles.append(obstacle)


def parts_of(matched: Matched, read: Read) -> Parts:
    """Read the steps of an attention."""
    parts = Parts()
    split = windows(matched.scores.steps, read, matched.scores.base)
    views = split.views | views_of(matched)
    for done in (each for each in matched.scores.steps if each not in views):
        _between(done, parts, matched, read)
    parts.is_windowed = split.is_assumed
    parts.masks = [replace(each, window=split.masked.get(each.done)) for each in parts.masks]
    _turn_masks(matched, parts)
    parts.is_indexed, obstacle = indexed(
        [(each.done, each.window) for each in parts.masks], matched, read
    )
    if obstacle:
        parts.block(obstacle)
    _of_softmax(matched, parts)
    for done in (each for each in matched.weights.steps if each not in views):
        _after(done, parts, matched)
    _of_casts(matched, parts, read)
    _of_use(matched, parts, read)
    for obstacle in obstacles_between(matched, _moved(matched, parts), read):
        parts.block(obstacle)
    masked = {each.done.term for each in parts.masks if each.keeps is not None}
    if read.recorder.of_methods & ({*matched.terms} - masked):
        parts.block("another method computes a part of it")
    if matched.obstacle:
        parts.block(matched.obstacle)
    return parts


def _turn_masks(matched: Matched, parts: Parts) -> None:
    """Masks that lie on other axes are viewed, if the view is the same for all of the same kind."""
    if matched.is_upright or not matched.turns:
        return
    at = dict(zip(matched.scores.steps, matched.turns, strict=False))
    turns = [at.get(each.done) for each in parts.masks]
    if None in turns or any(each.window or each.scales for each in parts.masks):
        parts.block("a mask lies on other axes than those of one call")
        return
    parts.masks = [
        replace(each, turn=turn or "") for each, turn in zip(parts.masks, turns, strict=True)
    ]


def _moved(matched: Matched, parts: Parts) -> Moved:
    """What the call reads, and the code by hand reads before the second product, and where."""
    base = matched.scores.base
    found = [(matched.query.term, base), (matched.key.term, base)]
    found += [(each.term, each.done.term) for each in parts.masks]
    scaling = (*parts.numbers, *parts.on_query, *parts.on_value)
    scales = ((each.other, each.term) for each in scaling if each.other is not None)
    return (*found, *scales)


def _of_casts(matched: Matched, parts: Parts, read: Read) -> None:
    """One call takes query, key and value of one dtype."""
    parts.is_cast = parts.is_cast or any(casting_aside(matched, read))
    steps = (*matched.scores.steps, *matched.weights.steps)
    if all(each.step is not Step.CAST for each in steps):
        return
    query, key, value = (
        is_single(each.term) for each in (matched.query, matched.key, matched.value)
    )
    if (query or key) and not value:
        parts.block("query and key are cast to float32, and the values are not")
    if value and not (query and key):
        parts.block("the values are cast to float32, and query and key are not")


def _between(done: Done, parts: Parts, matched: Matched, read: Read) -> None:
    match done.step:
        case Step.SAME:
            pass
        case Step.VIEW if not done.tests:
            pass
        case Step.CAST:
            _cast(done, parts)
        case Step.SCALE | Step.DIVIDE:
            _scaled(done, parts, matched, read)
        case Step.ADD | Step.SUBTRACT:
            _added(done, parts, matched)
        case Step.FILL | Step.WHERE:
            _masked(done, parts, matched)
        case Step.OTHER if adds_to_scores(done, read):
            other = 1 if done.place == 0 else 0
            parts.masks.append(Mask(done, other, is_called=True))
        case _ if done.term.operator not in _CONTAINERS:
            parts.block(_obstacle(done, "scores"))


def _cast(done: Done, parts: Parts) -> None:
    parts.is_cast = True
    # `.type(scores.dtype)`: nobody asks that any longer.
    parts.dropped += [each for each in done.term.operands[1:] if each.operator == ATTRIBUTE]
    if name_of_step(done.term) in _LOW_DTYPES or _is_to(done.term, _LOW_DTYPES):
        parts.block("the softmax is taken in another dtype")


def _obstacle(done: Done, what: str) -> str:
    match done.step:
        case Step.VIEW:
            return f"the {what} are transposed in one branch only"
        case Step.RESHAPE:
            return f"the {what} are reshaped between the products"
        case Step.SET:
            return f"parts of the {what} are set"
        case Step.BRANCH:
            return f"another branch computes the {what} otherwise"
        case Step.LOOP:
            return f"a loop changes the {what}"
    known = _NAMED.get(name_of_step(done.term)) if what == "scores" else None
    return known or _otherwise(done.term, what)


def _otherwise(term: Term, what: str) -> str:
    if term.operator == PRODUCT or name_of_step(term) in ("Conv1d", "Conv2d", "Linear"):
        return f"the heads of the {what} are mixed"
    if term.operator in (CALL, APPLY):
        return f"the {what} pass through `{name_of_step(term)}`"
    return f"`{name_of_step(term)}` changes the {what}"


def _is_to(term: Term, dtypes: tuple[str, ...]) -> bool:
    said = [str(each.detail) for each in term.operands[1:]]
    return any(
        each in {f"torch.{name}" for name in (*dtypes, "float64", "float16")} for each in said
    )


def _scaled(done: Done, parts: Parts, matched: Matched, read: Read) -> None:
    other = done.other
    if other is None:
        parts.block("the scores are scaled")
        return
    added = [each for each in parts.masks if each.keeps is None]
    met = [each for each in added if not are_opposed(each.done.tests, done.tests)]
    if not all(is_within(each.done.tests, done.tests) for each in met):
        parts.block("the scores are scaled in one branch only")
        return
    if any(each.keeps is not None for each in parts.masks) and not is_positive(other):
        parts.block("the scores are scaled behind the mask")
    parts.masks = [
        replace(each, scales=(*each.scales, done)) if each in met else each for each in parts.masks
    ]
    if is_number(other):
        parts.numbers = with_number(parts.numbers, done)
        return
    if may_scale_query(done, other, matched, read):
        parts.on_query.append(done)
    else:
        parts.block("the scores are multiplied by what may be a mask")


def _added(done: Done, parts: Parts, matched: Matched) -> None:
    other = done.other
    if other is None:
        parts.block("something is added to the scores")
    elif is_own_maximum(other, done.term.operands[done.place], matched.key_axes):
        parts.dropped.append(other)
    elif is_nothing(other) or (is_number(other) and not is_number_by_default(other)):
        pass  # softmax is the same wherever it is
    elif is_boolean(other) and not is_told_apart(done):
        parts.block("a boolean mask is added to the scores")
    else:
        parts.masks.append(Mask(done, 1 - done.place, is_subtracted=done.step is Step.SUBTRACT))


def _masked(done: Done, parts: Parts, matched: Matched) -> None:
    found = filling(done)
    if found is None:
        parts.block("a mask of unknown meaning")
        return
    condition, value, keeps = found
    if not is_low(value, scale_behind(done, matched.scores.steps)):
        parts.block("a mask of unknown meaning: what it fills in may be no large negative number")
    parts.dropped.append(value)
    parts.masks.append(Mask(done, condition, keeps))


def _cleared(done: Done, parts: Parts, matched: Matched) -> None:
    masks = [(each.done, each.place, each.keeps) for each in parts.masks if each.keeps is not None]
    if not is_clearing(done, masks, matched):
        parts.block(_weights_changed(done.term))
        return
    parts.cleared.append(done)
    found = filling(done)
    parts.dropped += [found[1]] if found is not None else []


def _of_softmax(matched: Matched, parts: Parts) -> None:
    softmax = matched.softmax
    if softmax.operator == CALL or is_of_self(softmax):
        parts.block(f"`{name_of_step(softmax)}` is another softmax than torch's")
    dtype = softmax.keywords.get("dtype")
    if len(softmax.positional) > 2 + (softmax.operator == APPLY):
        dtype = softmax.positional[-1]
    if dtype is not None and not _is_own(dtype, matched):
        parts.is_cast = True
        if str(dtype.detail) not in SINGLE:
            is_known = str(dtype.detail).startswith("torch.")
            parts.block(f"the softmax is taken in {'another' if is_known else 'an unknown'} dtype")


def _is_own(dtype: Term, matched: Matched) -> bool:
    """Whether it is the dtype of the scores, or of what they are made of, and of like values."""
    if dtype.operator != ATTRIBUTE or dtype.detail != "dtype":
        return False
    own = (*matched.scores.terms, *made_of(matched.query.term), *made_of(matched.key.term))
    value, key = matched.value.term, matched.key.term
    if are_parts_of_one(value, key):
        own = (*own, *made_of(value))
    own = (*own, *(each.operands[0] for each in own if each.operator == ITEM))  # `q[:, i:j]`
    return dtype.operands[0] in own and all(e.step is not Step.CAST for e in matched.scores.steps)


def _after(done: Done, parts: Parts, matched: Matched) -> None:
    match done.step:
        case Step.SAME:
            pass
        case Step.VIEW if not done.tests:
            pass
        case Step.CAST:
            _cast(done, parts)
        case Step.DROPOUT if parts.dropout is not None:
            parts.block("the weights have two dropouts")
        case Step.DROPOUT:
            parts.dropout = done
        case Step.FILL | Step.WHERE:
            _cleared(done, parts, matched)
        case Step.SCALE | Step.DIVIDE if done.other is not None and is_number(done.other):
            parts.on_value.append(done)
        case Step.OTHER | Step.SCALE | Step.DIVIDE if done.term.operator not in _CONTAINERS:
            parts.block(_weights_changed(done.term))
        case _ if done.term.operator not in _CONTAINERS:
            parts.block(_obstacle(done, "weights"))


def _weights_changed(term: Term) -> str:
    if name_of_step(term) in ("add", "mul", "div", "sub", "where", "masked_fill"):
        return f"the weights are changed behind the softmax (`{name_of_step(term)}`)"
    if is_softmax(term):
        return "there are two softmaxes"
    is_other = is_of_self(term) or (term.is_method and term.operator in (CALL, "dropout"))
    if is_other and "drop" in name_of_step(term).lower():
        return f"`{name_of_step(term)}` is not seen to be a dropout"
    return _otherwise(term, "weights")


def _of_use(matched: Matched, parts: Parts, read: Read) -> None:
    """Who else uses what lies between the products."""
    inside = {*matched.terms}
    weights = {*matched.weights.terms}
    dropped = {*parts.dropped}
    for term in matched.terms:
        if term is matched.product:
            continue
        what = "weights" if term in weights else "scores"
        for user in read.users.get(term, ()):
            if user not in inside and not _is_harmless(user, inside, dropped, read):
                parts.block(f"the {what} are {use_of(user, read)}")
        for changed in read.recorder.changed.get(term, ()):
            if changed not in inside:
                parts.block(f"the {what} are changed in place under another name")


def _is_harmless(user: Term, inside: set[Term], dropped: set[Term], read: Read) -> bool:
    """Whether all that comes of it are values that are no longer needed."""
    pending, seen = [user], {user}
    while pending and len(seen) < _MOST_USERS:
        term = pending.pop()
        if term in dropped or check_of(term, inside, read) is not None:
            continue
        users = read.users.get(term, {})
        if term in inside or not users:
            return False
        fresh = [each for each in users if each not in seen]
        seen.update(fresh)
        pending += fresh
    return not pending
