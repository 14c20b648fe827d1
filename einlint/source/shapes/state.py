"""What holds at one place of a function: the values of names and the shapes of things."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from einlint.algebra.amounts import Symbols
from einlint.algebra.sizes import Axis, Shape
from einlint.source.shapes.values import Tensor, Thing, Value


@dataclass(frozen=True, slots=True)
class Partial:
    """Some axes of a thing, counted from the left or (negative) from the right."""

    axes: tuple[tuple[int, Axis], ...] = ()
    shape: Shape | None = None


@dataclass(slots=True)
class State:
    """Changed as the pass goes forward; a branch goes on with a copy.

    shapes: by the shape_identity of things.
    """

    symbols: Symbols
    values: dict[str, Value] = field(default_factory=dict)
    shapes: dict[int, Partial] = field(default_factory=dict)
    text: str = ""
    row: int = 0

    def copy(self) -> "State":
        """One that can go its own way."""
        return State(self.symbols, dict(self.values), dict(self.shapes), self.text, self.row)

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
        return Axis(self.symbols.fresh(), self.text, self.row)

    def shape(self, value: Value | None) -> Shape | None:
        """The shape of a tensor, where its rank is known."""
        if isinstance(value, Tensor):
            return value.shape
        if isinstance(value, Thing):
            return self.shapes.get(value.shape_identity, Partial()).shape
        return None

    def ranked(self, thing: Thing, rank: int, names: Iterable[str] = ()) -> Shape | None:
        """The shape of a thing that turns out to have this rank; None if it has another."""
        known = self.shapes.get(thing.shape_identity, Partial())
        if known.shape is not None:
            return known.shape if len(known.shape) == rank else None
        axes = dict(known.axes)
        found: list[Axis] = []
        labels = [*names, *[""] * rank]
        for place in range(rank):
            axis = axes.get(place) or axes.get(place - rank)
            found.append(axis or Axis(self.symbols.fresh(labels[place]), self.text, self.row))
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
        return self.learn(thing, place, Axis(self.symbols.fresh(name), self.text, self.row))

    def learn(self, thing: Thing, place: int, axis: Axis) -> Axis:
        """Note one axis of a thing of unknown rank."""
        known = self.shapes.get(thing.shape_identity, Partial())
        self.shapes[thing.shape_identity] = Partial((*known.axes, (place, axis)), known.shape)
        return axis

    def forget(self, names: Iterable[str]) -> None:
        """Let names stand for something new."""
        for name in names:
            self.values[name] = self.thing(name)

    def merged(self, other: "State") -> None:
        """Keep what both states say."""
        for name in {*self.values, *other.values}:
            if self.values.get(name) != other.values.get(name):
                self.values[name] = self.thing(name)
        both = self.shapes.keys() & other.shapes.keys()
        self.shapes = {
            each: self.shapes[each] for each in both if self.shapes[each] == other.shapes[each]
        }
