"""Terms: what computes what from what. A function is read once into them; the rest asks them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NamedTuple

# What is computed in more steps is not looked into: walks stay short whatever a file holds.
DEEPEST: Final = 200

# The operators that are no functions of torch; those have their names in the table of operators.
CONSTANT: Final = "constant"  # detail: its value
FREE: Final = "free"  # a parameter, or whatever else comes from elsewhere; detail: Free
PATH: Final = "path"  # what another module holds; detail: its dotted name
ATTRIBUTE: Final = "attribute"  # detail: its name
TUPLE: Final = "tuple"  # a display; detail: whether it is a list, which others may change
STARRED: Final = "starred"
CHOICE: Final = "choice"  # of two branches: the test, and the value of either
ITEM: Final = "item"  # an owner, then its subscripts
SLICE: Final = "slice"  # start, stop, maybe step; detail: whether it is `:`, without these
SHAPE: Final = "shape"
SIZE: Final = "size"  # one axis of a shape; detail: its place, behind all others if negative
PRODUCT: Final = "product"  # detail: its Equation, whatever it is spelled with
LAYER: Final = "layer"  # a module of torch.nn; detail: the path of its class
APPLY: Final = "apply"  # a layer, then what it is called with
INSTANCE: Final = "instance"  # `self` in a method; detail: its attributes
CALL: Final = "call"  # detail: what is called, if that is known
OPAQUE: Final = "opaque"  # made from its operands, nobody knows how


class Kind(Enum):
    """What a free value is known to be."""

    ANY = auto()
    TENSOR = auto()
    INTEGER = auto()


class Free(NamedTuple):
    """A value that comes from elsewhere.

    axes: those that an annotation promises: a number, a name, or None.
    group: where one name of an axis is one size.
    """

    name: str
    kind: Kind = Kind.ANY
    axes: tuple[int | str | None, ...] | None = None
    group: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One value: its operator, and the terms that it is computed from.

    Terms are compared by identity: two calls of `torch.randn` make two values. What is asked of a
    term is remembered by it, so a value that is used often is looked at once.

    operands: the arguments of a call, the receiver of a method first.
    names: of the last operands, which are passed by keyword.
    detail: what of it is no term.
    is_method: any object may have such a method; it is torch's if the object is a tensor.
    line: of the statement that computes it.
    depth: the longest way down.
    """

    operator: str
    operands: tuple["Term", ...] = ()
    names: tuple[str, ...] = ()
    detail: object = None
    is_method: bool = False
    line: int = 0
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        depth = 1
        for each in self.operands:
            if each.depth >= depth:
                depth = each.depth + 1
        if depth > DEEPEST:
            object.__setattr__(self, "operator", OPAQUE)
            object.__setattr__(self, "operands", ())
            object.__setattr__(self, "names", ())
            depth = 1
        object.__setattr__(self, "depth", depth)

    def call_of(
        self, operator: str, *first: "Term", detail: object = None, is_method: bool = False
    ) -> "Term":
        """A call with the same arguments, behind some others.

        What is computed in too many steps has lost its arguments, and what is called with it too.
        """
        if self.operator == OPAQUE:
            return self
        operands = (*first, *self.operands)
        return Term(operator, operands, self.names, detail, is_method, self.line)

    @property
    def positional(self) -> tuple["Term", ...]:
        """The operands that are not passed by keyword."""
        return self.operands[: len(self.operands) - len(self.names)]

    @property
    def keywords(self) -> dict[str, "Term"]:
        """The operands that are passed by keyword."""
        behind = self.operands[len(self.operands) - len(self.names) :]
        return dict(zip(self.names, behind, strict=True))

    @property
    def integer(self) -> int | None:
        """The literal integer it is."""
        value = self.detail if self.operator == CONSTANT else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def has_list(self) -> bool:
        """Whether a list is in it, which whoever gets hold of it may change."""
        is_display = self.operator == TUPLE
        return is_display and (bool(self.detail) or any(each.has_list for each in self.operands))

    def is_constant(self, value: object) -> bool:
        """Whether it is this very constant."""
        return self.operator == CONSTANT and self.detail is value


def constant(value: object, line: int = 0) -> Term:
    """A literal."""
    return Term(CONSTANT, detail=value, line=line)


def free(name: str, line: int = 0, kind: Kind = Kind.ANY) -> Term:
    """A new value of which nothing is known."""
    return Term(FREE, detail=Free(name, kind), line=line)


def bottom_up(roots: Iterable[Term], known: "Collection[Term]" = ()) -> Iterator[Term]:
    """Every term below the roots once, operands first; those in `known` are passed over.

    It keeps its own stack: functions with long chains of statements are real.
    """
    seen: set[Term] = set()
    pending = [(root, False) for root in roots]
    while pending:
        term, is_ready = pending.pop()
        if is_ready:
            yield term
        elif term not in seen and term not in known:
            seen.add(term)
            pending.append((term, True))
            pending += [(each, False) for each in term.operands]
