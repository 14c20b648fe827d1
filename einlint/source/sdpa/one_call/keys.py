"""Terms as values: two terms of two readings have one key if they compute the same."""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from einlint.algebra.equation import Subscripts
from einlint.source.sdpa.axes import behind, view_of
from einlint.source.sdpa.matching import QUERY, VALUE
from einlint.source.sdpa.of_scores.clearing import asked_before
from einlint.source.sdpa.of_scores.joined import SECOND, flattened
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import is_sequence
from einlint.source.terms import (
    APPLY,
    CALL,
    CHOICE,
    CONSTANT,
    FREE,
    INSTANCE,
    OPAQUE,
    Free,
    Term,
    bottom_up,
)

Key: TypeAlias = int
Table: TypeAlias = dict[tuple[object, ...], Key]
# Two of these may make two values even if they are written alike.
_IMPURE: Final = frozenset(
    {CALL, APPLY, OPAQUE, "randn", "rand", "empty", "dropout", "rand_like", "randn_like"}
)
# Calls of torch, as methods or functions, that make the same each time.
_PURE: Final = frozenset(
    {"bool", "byte", "int", "long", "eq", "ne", "lt", "gt", "le", "ge", "isinf"}
    | {"logical_not", "logical_and", "logical_or", "dim", "size"}
)
# What asks for nothing but its operands has one answer, however often it is asked.
_ASKING: Final = frozenset(
    {"Is", "IsNot", "Not", "And", "Or", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "In", "NotIn"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What tells terms of one reading apart that look alike.

    calls: which one of several calls that are written alike a term is. free: the same for the
        values of a name. members: the layers of a class by their attributes.
    """

    calls: Mapping[Term, int]
    free: Mapping[Term, int]
    members: Mapping[Term, str]


@dataclass(slots=True)
class Keys:
    """The keys of one reading; readings that are compared share the table.

    assumed: tests that hold, or do not.
    at: the attention, as a term. attention: all that its key says, and the labels of its axes;
        None where it is a term like any other.
    """

    read: Read
    told: Told
    table: Table
    at: Term
    attention: tuple[tuple[object, ...], Subscripts] | None = None
    assumed: Mapping[Key, bool] = field(default_factory=dict)
    _known: dict[Term, Key] = field(default_factory=dict)
    _labels: dict[Term, tuple[tuple[object, ...], Subscripts]] = field(default_factory=dict)

    @classmethod
    def of_reading(
        cls,
        read: Read,
        table: Table,
        at: Term,
        attention: tuple[tuple[object, ...], Subscripts] | None = None,
        needed: Collection[Term] | None = None,
    ) -> "Keys":
        """The keys of a reading, without assumptions.

        needed: what leaves the function is computed from; None for all of the reading.
        """
        counted = read.users if needed is None else needed
        told = Told(_numbered_calls(read, counted), _numbered_names(read), _members(read))
        return cls(read, told, table, at, attention)

    def of(self, term: Term) -> Key:
        """The key of a term."""
        if term not in self._known:
            if self.attention is not None and self.at not in self._known:
                self._known[self.at] = self._attended(self.at, *self.attention)
            for each in bottom_up((term,), self._known):
                self._known[each] = self._key(each)
        return self._known[term]

    def _key(self, term: Term) -> Key:
        if term in self.told.members:
            return self._entered("member", self.told.members[term])
        first = term.operands[0] if term.operands else None
        if first is not None and first in self._labels:
            parts, labels = self._labels[first]
            if term.operator == "contiguous":
                return self._attended(term, parts, labels)
            view = view_of(term)
            moved = None if view is None else behind(view, labels)
            if moved is None and self._parts_again(term, parts, labels):
                moved = (*labels, SECOND)
            if moved is not None:
                return self._attended(term, parts, moved)
        if term.operator == "contiguous" and first is not None:
            return self.of(first)
        same = self._same(term)
        if same is not None:
            return self.of(same)
        below = tuple(self.of(each) for each in term.operands)
        detail = self._detail(term)
        return self._entered(term.operator, detail, term.names, self.told.calls.get(term, 0), below)

    def _parts_again(self, term: Term, parts: tuple[object, ...], labels: Subscripts) -> bool:
        """Whether it parts joined axes of an attention: `reshape(values.shape)`."""
        match term.operands:
            case [_, Term(operator="shape", operands=[value])] if labels[-2:] == (VALUE, QUERY):
                given = self.of(flattened(value, len(labels) - 1))
                is_of_values = isinstance(parts[2], tuple) and parts[2][0] == given
                return term.operator == "reshape" and is_of_values
        return False

    def _same(self, term: Term) -> Term | None:
        """An equal term, by the tests that are assumed or by asking for None twice."""
        if term.operator != CHOICE:
            return asked_before(term)
        taken = self.taken(term)
        test, is_turned = positive(term.operands[0])
        if taken is not None or test is term.operands[0]:
            return taken
        one, other = term.operands[1:]
        return Term(CHOICE, (test, other, one) if is_turned else (test, one, other), line=term.line)

    def taken(self, term: Term) -> Term | None:
        """The side of a choice that is taken where the tests hold, or do not; None if not known."""
        if term.operator != CHOICE:
            return None
        for test, is_turned in _ways_to_ask(term.operands[0]):
            held = self.assumed.get(self.of(test))
            if held is not None:
                return term.operands[1 if held is not is_turned else 2]
        return None

    def where(self, tests: Mapping[Key, bool]) -> "Keys":
        """The keys where these tests hold, or do not."""
        return Keys(
            self.read, self.told, self.table, self.at, self.attention, {**self.assumed, **tests}
        )

    def _attended(self, term: Term, parts: tuple[object, ...], labels: Subscripts) -> Key:
        self._labels[term] = parts, labels
        return self._entered("attention", parts, labels)

    def _entered(self, *parts: object) -> Key:
        return self.table.setdefault(parts, len(self.table))

    def _detail(self, term: Term) -> object:
        detail = term.detail
        if term.operator == FREE and isinstance(detail, Free):
            if isinstance(detail.group, ast.AST):
                return detail.name
            return detail.name, self.told.free.get(term, -1)
        if term.operator == INSTANCE:
            return "self"
        if term.operator == CONSTANT:
            return type(detail).__name__, repr(detail)
        return str(detail)


def positive(test: Term) -> tuple[Term, bool]:
    """A test without what inverts it, and whether it is inverted: `not x`, `x is None`."""
    is_turned = False
    while test.operator == OPAQUE and test.detail == "Not" and len(test.operands) == 1:
        test, is_turned = test.operands[0], not is_turned
    if test.operator == OPAQUE and test.detail == "Is" and len(test.operands) == 2:
        return Term(OPAQUE, test.operands, detail="IsNot", line=test.line), not is_turned
    return test, is_turned


def _ways_to_ask(test: Term) -> Iterator[tuple[Term, bool]]:
    """The tests that one test is, or is the opposite of."""
    yield test, False
    plain, is_turned = positive(test)
    yield plain, is_turned
    if plain.operator == OPAQUE and plain.detail == "IsNot":
        plain, is_turned = Term(OPAQUE, plain.operands, detail="Is"), not is_turned
        yield plain, is_turned
    yield Term(OPAQUE, (plain,), detail="Not"), not is_turned


def _numbered_calls(read: Read, counted: Collection[Term]) -> dict[Term, int]:
    """Which one of several calls that are written alike a term is; those of nobody are none."""
    found: dict[Term, int] = {}
    counts: Counter[str] = Counter()
    inside = {*ast.walk(read.function)}
    for term, node in read.recorder.nodes.items():
        is_asking = term.operator == OPAQUE and term.detail in _ASKING
        is_asking = is_asking or _is_of_torch(term)
        is_one = term.operator in _IMPURE and not is_asking and term in counted
        is_one = is_one and not _is_constant(term)
        if is_one and node in inside:
            text = ast.unparse(node)
            found[term] = counts[text]
            counts[text] += 1
    return found


def _is_of_torch(term: Term) -> bool:
    """Whether it is such a call of torch."""
    owner, _, name = str(term.detail).rpartition(".")
    is_known = term.is_method if not owner else owner == "torch"
    return term.operator == CALL and name in _PURE and is_known


def _is_constant(term: Term) -> bool:
    """Whether it is the same number each time that it is written: `float("-inf")`."""
    is_float = term.operator == CALL and term.detail == "float" and not term.is_method
    return is_float and all(each.operator == CONSTANT for each in term.operands)


def _numbered_names(read: Read) -> dict[Term, int]:
    """Which of several values of one name a term is; 0 for what comes from elsewhere."""
    outside = set(read.recorder.unbound.values())
    free = [
        each
        for each in read.users
        if each.operator == FREE and isinstance(each.detail, Free) and each not in outside
    ]
    found: dict[Term, int] = {}
    counts: Counter[str] = Counter()
    for term in sorted(free, key=lambda each: each.line):
        name = term.detail.name if isinstance(term.detail, Free) else ""
        counts[name] += 1
        found[term] = counts[name]
    return found


def _members(read: Read) -> dict[Term, str]:
    """The layers of a class by the names of their attributes: two may be made alike."""
    owner = read.file.classes.get(read.file.bound.parents[read.function])
    known = owner.detail if owner is not None else None
    if not isinstance(known, dict):
        return {}
    members = {term: name for name, term in known.items() if isinstance(term, Term)}
    for name, term in known.items():
        if isinstance(term, Term) and is_sequence(term):
            members |= {each: f"{name}[{place}]" for place, each in enumerate(term.operands)}
    return members
