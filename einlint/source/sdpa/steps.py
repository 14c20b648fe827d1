"""The grammar of attention: which operator between its products changes which operand, and how.

A step leads from a term down to one operand; a branch leads down both ways. Another pattern over
the terms of a function is another table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias

from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import VIEWS, view_of
from einlint.source.terms import APPLY, ATTRIBUTE, CALL, CHOICE, FREE, INSTANCE, ITEM, PRODUCT, Term

# Longer chains are not looked into.
_MOST_STEPS: Final = 60


class Step(Enum):
    """What is done to the scores, or to the weights; the value is what stands in the way."""

    SAME = ""
    VIEW = "axes are moved"
    RESHAPE = "axes are split or joined"
    CAST = "another dtype"
    SCALE = "multiplied"
    DIVIDE = "divided"
    ADD = "added"
    SUBTRACT = "subtracted"
    FILL = "masked_fill"
    WHERE = "where"
    DROPOUT = "dropout"
    SET = "parts of them are set"
    BRANCH = "only one branch computes them"
    LOOP = "a loop changes them"
    OTHER = "something else is done"


Ways: TypeAlias = tuple[tuple[int, Step], ...]
Table: TypeAlias = Mapping[str, Ways]


@dataclass(frozen=True, slots=True)
class Done:
    """One step of a chain.

    place: of the operand that it changes.
    tests: the branches that it is done in, from the inside: a choice, and whether its test holds.
    """

    step: Step
    term: Term
    place: int
    tests: tuple[tuple[Term, bool], ...] = ()

    @property
    def other(self) -> Term | None:
        """The other operand of two."""
        others = [each for place, each in enumerate(self.term.operands) if place != self.place]
        return others[0] if len(others) == 1 and not self.term.names else None


@dataclass(frozen=True, slots=True)
class Chain:
    """The way from a term up to another: the steps from the bottom, and the branches passed.

    instead: another way, where two branches end at two terms.
    """

    base: Term
    steps: tuple[Done, ...] = ()
    branches: tuple[Term, ...] = ()
    instead: "Chain | None" = None

    @property
    def terms(self) -> tuple[Term, ...]:
        """All that lies on the way, with both ends."""
        return (self.base, *(each.term for each in self.steps), *self.branches)

    def then(self, *done: Done, branches: tuple[Term, ...] = ()) -> "Chain":
        """The way with more steps, and behind more branches."""
        steps, passed = (*self.steps, *done), (*self.branches, *branches)
        instead = None if self.instead is None else self.instead.then(*done, branches=branches)
        return Chain(self.base, steps, passed, instead)


def is_of_self(term: Term) -> bool:
    """Whether it calls a method or a module of `self` that was not seen made."""
    if not term.operands or term.operator in (APPLY, ATTRIBUTE, CHOICE, ITEM, PRODUCT):
        return False
    first = term.operands[0]
    return first.operator == INSTANCE or (
        first.operator == FREE and getattr(first.detail, "name", "") == "self"
    )


def makes_weights(term: Term) -> bool:
    """Whether it may be the weights: a dropout, a layer, or a softmax, torch's or another's."""
    return term.operator in ("dropout", APPLY) or "softmax" in name_of_step(term).lower()


def name_of_step(term: Term) -> str:
    """What the tables call an operator, however it is spelled; a method of `self` is none."""
    if is_of_self(term):
        return f"self.{term.detail or term.operator}"
    match term.operator:
        case "augmented":
            return str(term.detail)
        case "aliased":
            return "set"
        case operator if operator == IN_PLACE:
            return str(term.detail).rstrip("_")
        case operator if operator == APPLY:
            return str(term.operands[0].detail).rpartition(".")[2]
        case operator if operator in (CALL, ATTRIBUTE):
            return str(term.detail).rpartition(".")[2]
    return term.operator


def _each(names: str, *ways: tuple[int, Step]) -> dict[str, Ways]:
    return dict.fromkeys(names.split(), ways)


_NEUTRAL: Final[Table] = {
    **_each("contiguous clone", (0, Step.SAME)),
    "Identity": ((1, Step.SAME),),
    **_each(" ".join(VIEWS), (0, Step.VIEW)),
    **_each("float double half bfloat16 to type type_as cuda cpu", (0, Step.CAST)),
    **_each(
        "view reshape flatten unflatten squeeze unsqueeze expand repeat repeat_interleave "
        "rearrange expand_as view_as",
        (0, Step.RESHAPE),
    ),
    "set": ((0, Step.SET),),
}
_SCALING: Final[Table] = {
    **_each("mul multiply", (0, Step.SCALE), (1, Step.SCALE)),
    **_each("div true_divide divide", (0, Step.DIVIDE)),
}
# From the scores to the softmax.
BETWEEN: Final[Table] = {
    **_NEUTRAL,
    **_SCALING,
    **_each("add", (0, Step.ADD), (1, Step.ADD)),
    **_each("sub subtract", (0, Step.SUBTRACT)),
    "masked_fill": ((0, Step.FILL),),
    "where": ((1, Step.WHERE), (2, Step.WHERE), (0, Step.WHERE)),
}
# From the softmax to the product with the values.
AFTER: Final[Table] = {
    **_NEUTRAL,
    **_SCALING,
    "dropout": ((0, Step.DROPOUT),),
    **_each("Dropout Dropout_or_Identity", (1, Step.DROPOUT)),
    **_each("masked_fill nan_to_num", (0, Step.FILL)),
    "where": ((1, Step.WHERE), (2, Step.WHERE), (0, Step.WHERE)),
}
# What else may be done to either, by which it is no longer one call.
_OPERATORS: Final = (
    "mul multiply div add sub neg pow masked_fill where tanh clamp clip relu sigmoid exp abs "
    "nan_to_num cat concat pad topk gather scatter dropout Dropout softplus leaky_relu elu gelu "
    "masked_scatter roll flip triu tril cumsum detach masked_select index_select baddbmm chunk "
    "Conv1d Conv2d Conv3d Linear LayerNorm BatchNorm2d GroupNorm InstanceNorm2d split normalize "
    "requires_grad_ round sqrt log square stack index_fill floor_divide Dropout_or_Identity"
)
_BLOCKING: Final = frozenset(_OPERATORS.split())
_UNCHANGING: Final = frozenset({ITEM, "item"})
_PARTS: Final = frozenset({"real", "data", "values"})


@dataclass(slots=True)
class Search:
    """Looks for the way down from terms to one that ends it, over a table; each term once.

    forgotten: what the values behind loops may be, by their names.
    joined: the one way that two branches have if both compute the same at their ends.
    """

    is_end: Callable[[Term], bool]
    table: Table
    forgotten: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    joined: Callable[[Term, "Chain", "Chain"], "Chain | None"] = lambda *_: None
    _found: dict[Term, Chain | None] = field(default_factory=dict)

    def chain(self, term: Term, depth: int = 0) -> Chain | None:
        """The way down; None if there is none."""
        if term not in self._found:
            self._found[term] = None  # no way leads through itself
            self._found[term] = self._chain(term, depth) if depth < _MOST_STEPS else None
        return self._found[term]

    def _chain(self, term: Term, depth: int) -> Chain | None:
        if self.is_end(term):
            return Chain(term)
        if term.operator == CHOICE:
            return self._either(term, depth)
        if term.operator == FREE:
            return self._behind_loop(term, depth)
        for place, step in self._ways(term):
            below = self.chain(term.operands[place], depth + 1)
            if below is not None:
                return below.then(Done(step, term, place))
        return None

    def _ways(self, term: Term) -> Ways:
        name = name_of_step(term)
        count = len(term.operands)
        known = self.table.get(name, ())
        if name == "dropout" and term.is_method:
            known = ()  # no tensor has such a method: it is a module of another one
        if name == "rearrange" and view_of(term) is not None:
            known = ((0, Step.VIEW),)
        if known:
            if name == "where":
                known = tuple(way for way in known if _is_where(term, way[0]))
            if term.operator == APPLY and count != 2:
                return ()
            return tuple(way for way in known if way[0] < count - len(term.names))
        if term.operator in _UNCHANGING or (term.operator == ATTRIBUTE and name in _PARTS):
            return ((0, Step.OTHER),)
        if name in _BLOCKING or term.operator in (CALL, APPLY) or is_of_self(term):
            return tuple((place, Step.OTHER) for place in range(min(count, 3)))
        if term.operator in ("tuple", "starred"):
            return tuple((place, Step.OTHER) for place in range(min(count, 2)))
        if term.operator == PRODUCT:
            return tuple((place, Step.OTHER) for place in range(count))
        return ()

    def _behind_loop(self, term: Term, depth: int) -> Chain | None:
        name = getattr(term.detail, "name", "")
        for each in self.forgotten.get(name, ()):
            below = self.chain(each, depth + 1)
            if below is not None:
                return below.then(Done(Step.LOOP, term, 0))
        return None

    def _either(self, term: Term, depth: int) -> Chain | None:
        one, other = (self.chain(each, depth + 1) for each in term.operands[1:])
        if one is None or other is None or one.base is not other.base:
            both = None if one is None or other is None else self.joined(term, one, other)
            return both or _one_side(term, one, other)
        shared = [each for each, its in zip(one.steps, other.steps, strict=False) if each == its]
        count = len(shared)
        steps = (
            *shared,
            *(tested(each, term, holds=True) for each in one.steps[count:]),
            *(tested(each, term, holds=False) for each in other.steps[count:]),
        )
        branches = dict.fromkeys((*one.branches, *other.branches, term))
        return Chain(one.base, steps, tuple(branches))


def _one_side(choice: Term, one: Chain | None, other: Chain | None) -> Chain | None:
    """The way through one branch, and through the other instead; both lose what else they have."""
    found: Chain | None = None
    for place, side in ((2, other), (1, one)):
        if side is not None:
            way = Chain(side.base, side.steps, side.branches)
            found = replace(
                way.then(Done(Step.BRANCH, choice, place), branches=(choice,)), instead=found
            )
    return found


def tested(done: Done, choice: Term, *, holds: bool) -> Done:
    """The step where a test holds, or does not."""
    return replace(done, tests=(*done.tests, (choice, holds)))


def _is_where(term: Term, place: int) -> bool:
    """Whether the operand of `torch.where(m, x, y)` or `x.where(m, y)` is one of the values."""
    is_method = term.operator == CALL and term.is_method
    if place < len(term.operands) and name_of_step(term.operands[place]).endswith("_like"):
        return False  # `torch.full_like(scores, low)`
    return len(term.operands) == 3 and (place != 1 if is_method else place != 0)
