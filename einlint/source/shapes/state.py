"""What holds at one place of a function: the values of names and the shapes of things."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from einlint.algebra.amounts import Amount, Symbols
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.values import Given, Tensor, Thing, Value

Change: TypeAlias = Callable[[Shape], Shape | None]
Operation: TypeAlias = "Callable[[Given, State], Value | None]"


@dataclass(frozen=True, slots=True)
class Partial:
    """Some axes of a thing, counted from the left or (negative) from the right."""

    axes: tuple[tuple[int, Axis], ...] = ()
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The thing that another's shape follows from, and how; extra: the axes it has more."""

    base: Thing
    change: Change
    extra: int = 0


@dataclass(slots=True)
class State:
    """Changed as the pass goes forward; a branch goes on with a copy.

    shapes: by the shape_identity of things. origins: likewise; they hold wherever a thing does.
    annotated: the axes that annotations name; one name is one size in the whole function.
    """

    symbols: Symbols
    values: dict[str, Value] = field(default_factory=dict)
    shapes: dict[int, Partial] = field(default_factory=dict)
    text: str = ""
    offset: int = 0
    origins: dict[int, Origin] = field(default_factory=dict)
    annotated: dict[str, Axis] = field(default_factory=dict)

    def copy(self) -> "State":
        """One that can go its own way."""
        values, shapes = dict(self.values), dict(self.shapes)
        shared = self.origins, self.annotated
        return State(self.symbols, values, shapes, self.text, self.offset, *shared)

    def thing(self, name: str = "", *, is_tensor: bool = False) -> Thing:
        """Something new."""
        identity = self.symbols.identity()
        if not name:
            self.symbols.anonymous.add(identity)
        thing = Thing(name or "?", identity, identity, is_tensor)
        self.symbols.doubtful.add(thing.symbol)
        return thing

    def unknown(self) -> Axis:
        """A new axis of which nothing is known."""
        return Axis(self.symbols.fresh(), self.text, self.offset)

    def shape(self, value: Value | None) -> Shape | None:
        """The shape of a tensor, where its rank is known."""
        if isinstance(value, Tensor):
            return value.shape
        if isinstance(value, Thing):
            known = self.shapes.get(value.shape_identity, Partial()).shape
            return self._following(value) if known is None else known
        return None

    def _following(self, thing: Thing) -> Shape | None:
        """The shape that follows from another's, where that one's rank is known by now."""
        origin = self.origins.get(thing.shape_identity)
        base = None if origin is None else self.shape(origin.base)
        if origin is None or base is None:
            return None
        return self.ranked(thing, len(base) + origin.extra)

    def ranked(self, thing: Thing, rank: int, names: Iterable[str] = ()) -> Shape | None:
        """The shape of a thing that turns out to have this rank; None if it has another."""
        known = self.shapes.get(thing.shape_identity, Partial())
        if known.shape is not None:
            return known.shape if len(known.shape) == rank else None
        origin = self.origins.get(thing.shape_identity)
        if origin is not None:
            base = self.ranked(origin.base, rank - origin.extra, () if origin.extra else names)
            shape = None if base is None else origin.change(base)
            if shape is not None:
                self.shapes[thing.shape_identity] = Partial(known.axes, shape)
            return shape
        axes = dict(known.axes)
        found: list[Axis] = []
        labels = [*names, *[""] * rank]
        for place in range(rank):
            axis = axes.get(place) or axes.get(place - rank)
            found.append(axis or Axis(self.symbols.fresh(labels[place]), self.text, self.offset))
        self.shapes[thing.shape_identity] = Partial(known.axes, tuple(found))
        return tuple(found)

    def axis(self, thing: Thing, place: int) -> Axis | None:
        """One axis of a thing; None where there is no such."""
        known = self.shapes.get(thing.shape_identity, Partial())
        if known.shape is not None:
            fits = -len(known.shape) <= place < len(known.shape)
            return known.shape[place] if fits else None
        for number, axis in known.axes:
            if number == place:
                return axis
        name = f"{thing.name}.shape[{place}]" if thing.name != "?" else ""
        return self.learn(thing, place, Axis(self.symbols.fresh(name), self.text, self.offset))

    def learn(self, thing: Thing, place: int, axis: Axis) -> Axis:
        """Note one axis of a thing of unknown rank."""
        known = self.shapes.get(thing.shape_identity, Partial())
        self.shapes[thing.shape_identity] = Partial((*known.axes, (place, axis)), known.shape)
        return axis

    def sized(self, amount: Amount) -> Axis:
        """An axis of this size, which the statement at hand shows."""
        return Axis(self.symbols.size(amount), self.text, self.offset)

    def forget(self, names: Iterable[str]) -> None:
        """Let names stand for something new."""
        for name in names:
            self.values[name] = self.thing(name)

    def merged(self, other: "State") -> None:
        """Keep what both states say."""
        for name in {*self.values, *other.values}:
            mine, its = self.values.get(name), other.values.get(name)
            if mine is None or its is None:
                self.values[name] = self.thing(name)
            elif mine != its:
                self.values[name] = self.either(mine, its, other) or self.thing(name)
        both = self.shapes.keys() & other.shapes.keys()
        self.shapes = {
            each: self.shapes[each] for each in both if self.shapes[each] == other.shapes[each]
        }

    def either(self, mine: Value, its: Value, other: "State") -> Value | None:
        """A tensor that is one of two with equal shapes, the other one from another state."""
        ours, others = self.shape(mine), other.shape(its)
        if ours is not None and others is not None:
            is_equal = [axis.size for axis in ours] == [axis.size for axis in others]
            return Tensor(ours) if is_equal else None
        match mine, its:
            case Thing(is_tensor=True), Thing(is_tensor=True):
                if mine.shape_identity == its.shape_identity:
                    return Thing("?", self.symbols.identity(), mine.shape_identity, is_tensor=True)
        return None
