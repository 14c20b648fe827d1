"""The facts that hold at one place after another, and the way back from each of them.

Each place has those of the place before it and some more. They are entered and undone one by
one, so that a function with many calls is gone through once, however many facts there are.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from einlint.algebra.sizes import Axis, Size, Symbol
from einlint.source.knowledge import HasRank, Knowledge
from einlint.source.terms import Term

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(slots=True, eq=False)
class Facts:
    """What is known at the place.

    ranks: of tensors whose operators do not tell theirs. shaped: terms that have a shape.
    equal: what is said instead of a symbol.
    """

    ranks: dict[Term, HasRank] = field(default_factory=dict)
    shaped: dict[Term, bool] = field(default_factory=dict)
    equal: dict[Symbol, Axis] = field(default_factory=dict)
    _depths: dict[Knowledge, int] = field(default_factory=dict)
    _path: list[tuple[Knowledge, int, int]] = field(default_factory=list)
    _changes: list[tuple[dict[object, object], object, object]] = field(default_factory=list)

    def ahead(self, knowledge: Knowledge) -> tuple[list[Knowledge], int | None]:
        """Undo what is not known at another place.

        Returns what is to be entered to get there, and the mark of the first thing undone.
        """
        ahead: list[Knowledge] = []
        each: Knowledge | None = knowledge
        while each is not None and each not in self._depths:
            ahead.append(each)
            each = each.before
        depth = 0 if each is None else self._depths[each]
        mark = None
        while len(self._path) > depth:
            left, count, mark = self._path.pop()
            del self._depths[left]
            while len(self._changes) > count:
                table, key, before = self._changes.pop()
                if before is None:
                    del table[key]
                else:
                    table[key] = before
        ahead.reverse()
        return ahead, mark

    def enter(self, knowledge: Knowledge, mark: int) -> None:
        """Go one fact on; what is noted from now on belongs to it."""
        self._path.append((knowledge, len(self._changes), mark))
        self._depths[knowledge] = len(self._path)

    def note(self, table: dict[_Key, _Value], key: _Key, value: _Value) -> None:
        """Write into one of the tables, until the fact at hand is undone."""
        self._changes.append((table, key, table.get(key)))  # type: ignore[arg-type]
        table[key] = value

    def settled(self, axis: Axis) -> Axis:
        """The axis with the size that is said for all that are equal."""
        seen: set[Size | None] = set()
        while isinstance(axis.size, Symbol) and axis.size in self.equal and axis.size not in seen:
            seen.add(axis.size)
            axis = self.equal[axis.size]
        return axis
