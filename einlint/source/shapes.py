"""The shapes of terms, computed when they are asked for, and remembered.

What is said of sizes is said of tensors: *if* the object is a torch tensor, its axes are these.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final, NamedTuple, TypeAlias

from einlint.algebra.equation import Equation
from einlint.algebra.polynomials import Polynomial, Symbols
from einlint.algebra.shapes import contracted, position, product
from einlint.algebra.sizes import Axis, Shape, Symbol
from einlint.source.arithmetic import NUMBERS, arithmetic
from einlint.source.expressions import MATMUL
from einlint.source.indexing import added_axes, indexed
from einlint.source.knowledge import AreEqual, Fact, HasRank, HasShape, Knowledge
from einlint.source.layers import LAYERS
from einlint.source.learned import Facts
from einlint.source.operators import MANY, OPERATORS, SAME
from einlint.source.signatures import CallArguments, Parts, Signature, name_of, owner_of
from einlint.source.terms import (
    APPLY,
    CONSTANT,
    ITEM,
    PRODUCT,
    SHAPE,
    SLICE,
    TUPLE,
    Free,
    Kind,
    Term,
    bottom_up,
)

# These are no integers, whatever is in them.
_NO_INTEGERS: Final = frozenset({TUPLE, SHAPE, SLICE})


class Known(NamedTuple):
    """What is known of one term.

    number: the integer it is, if it is one. is_number: it surely is a Python number.
    """

    shape: Shape | None = None
    parts: Parts | None = None
    is_tensor: bool = False
    number: Polynomial | None = None
    is_number: bool = False


Shown: TypeAlias = tuple[str, int | None]
"""A line of the file as findings quote it, and the offset of its start."""


class Shapes:
    """The shapes of terms at one place after another."""

    def __init__(self, symbols: Symbols, shown: Callable[[int], Shown]) -> None:
        """Start where nothing is known; `shown` quotes a line, and says where it starts."""
        self.symbols = symbols
        self._shown = shown
        self._known: dict[Term, Known] = {}
        self._computed: list[Term] = []
        self._open: list[Term] = []
        self._facts = Facts()

    def at(self, knowledge: Knowledge) -> "Shapes":
        """Go where so much is known; what is asked is answered for that place from now on."""
        ahead, mark = self._facts.ahead(knowledge)
        if mark is not None:
            # What was found out with more facts is not known without them.
            for term in self._computed[mark:]:
                self._known.pop(term, None)
            del self._computed[mark:]
        for each in ahead:
            self._facts.enter(each, len(self._computed))
            if each.fact is not None:
                self._learn(each.fact)
        return self

    # ---- what others ask

    def of(self, term: Term) -> Shape | None:
        """The shape of a tensor; None where its rank is not known."""
        return self._of(term).shape

    def equal(self, shape: Shape | None) -> Shape | None:
        """A shape with sizes that a test proved equal written as one."""
        return None if shape is None else tuple(map(self._facts.settled, shape))

    def number(self, term: Term) -> Polynomial | None:
        """The integer that a value is, if it is one."""
        return self._of(term).number

    def is_int(self, term: Term) -> bool:
        """Whether it surely is an integer, and no tuple or tensor."""
        number = self.number(term)
        return number is not None and self.symbols.is_int(number)

    def is_number(self, term: Term) -> bool:
        """Whether it surely is a Python number, and no tensor, which could broadcast."""
        return self._of(term).is_number

    def is_tensor(self, term: Term) -> bool:
        """Whether it is a tensor, or has shown a shape."""
        return self._of(term).is_tensor

    def axis(self, number: Polynomial, line: int) -> Axis:
        """An axis of this size."""
        return Axis(self.symbols.size(number), *self._shown(line))

    def unknown(self, key: object, line: int, name: str = "") -> Axis:
        """An axis of which nothing is known; one key is one size."""
        return Axis(self.symbols.length(key, name), *self._shown(line))

    def unknowns(self, term: Term, shapes: Sequence[Shape | None]) -> Callable[[], Axis]:
        """Axes of the result of these shapes that are unknown, one after another.

        Which axis the first one is depends on what is known of the operands, so that is part of
        the key: else it would be another axis where more is known.
        """
        sizes = tuple(None if each is None else tuple(a.size for a in each) for each in shapes)
        places = count()
        return lambda: self.unknown((term, sizes, next(places)), term.line)

    # ---- facts

    def _learn(self, fact: Fact) -> None:
        match fact:
            case HasRank():
                self._learn_rank(fact)
            case HasShape(term=term, sizes=sizes, line=line):
                if term not in self._facts.shaped:
                    self._facts.note(self._facts.shaped, term, True)
                    self._look_again()
                if sizes is not None:
                    self._learn_rank(HasRank(term, len(sizes), line=line))
                    self._learn_sizes(term, sizes, line)
            case AreEqual(left=left, right=right, line=line):
                if left.operator == right.operator == SHAPE:
                    self._equate_shapes(left.operands[0], right.operands[0], line)
                elif self.is_number(left) and self.is_number(right):
                    self._equate(self.number(left), self.number(right), line)

    def _look_again(self) -> None:
        """What was not known may follow from one more fact; what was known stays true."""
        for term in self._open:
            self._known.pop(term, None)
        self._open.clear()

    def _learn_rank(self, fact: HasRank) -> None:
        """A rank; that of what it was made from follows where the operator tells how many more."""
        each: HasRank | None = fact
        lowest = None
        while each is not None and self.of(each.term) is None:
            lowest = each
            self._facts.note(self._facts.ranks, each.term, each)
            self._look_again()
            each = self._rank_below(each)
        if lowest is not None:
            self._number_axes(lowest)

    def _number_axes(self, fact: HasRank) -> None:
        """An axis that was counted from the right is one of those counted from the left."""
        for place, axis in enumerate(self.of(fact.term) or ()):
            counted = self.symbols.known((fact.term, place - fact.rank))
            if counted is not None and axis.size is not None:
                numbers = Polynomial.of(counted), self.symbols.polynomial(axis.size)
                self._equate(*numbers, fact.line)

    def _rank_below(self, fact: HasRank) -> HasRank | None:
        """The rank of the tensor that a term was made from; None where it does not follow."""
        made, is_part = fact.term, False
        if made.operator == ITEM and made.operands[0].operator in MANY:
            made, is_part = made.operands[0], True
        signature = _signature(made)
        if signature is not None:
            added = signature.added_axes(CallArguments(made, signature, self))
        else:
            added = added_axes(made, self) if made.operator == ITEM else None
        if added is None or fact.rank < added or not made.operands:
            return None
        base = made.operands[1 if made.operator == APPLY else 0]
        is_sure = not made.is_method and (is_part or made.operator != ITEM)
        if not is_sure and not self.is_shown(base):
            return None
        # Only operators that leave the axes alone leave their names alone too.
        names = fact.names if signature is SAME else ()
        return HasRank(base, fact.rank - added, names, fact.line)

    def is_shown(self, term: Term, *, by_rank: bool = True) -> bool:
        """Whether it is a tensor, without a look at shapes; what has a rank may be a list."""
        shaped, ranks = self._facts.shaped, self._facts.ranks if by_rank else ()
        while True:
            if term in shaped or term in ranks or term.operator == PRODUCT:
                return True
            if isinstance(term.detail, Free):
                return term.detail.kind is Kind.TENSOR
            if _signature(term) is None or not term.operands:
                return False
            # `xs + ys` may be lists; a method may be that of any object.
            if not (term.is_method or term.operator in NUMBERS or term.operator == "aliased"):
                return True
            term = term.operands[0]

    def _learn_sizes(self, term: Term, sizes: tuple[Term, ...], line: int) -> None:
        """The whole shape, as a test compared it."""
        for axis, size in zip(self.of(term) or (), sizes, strict=False):
            assert axis.size is not None
            self._equate(self.symbols.polynomial(axis.size), self.number(size), line)

    def _equate_shapes(self, one: Term, other: Term, line: int) -> None:
        """Two tensors have one shape; where only one rank is known, it is that of both."""
        for known, term in ((one, other), (other, one)):
            shape = self.of(known)
            if shape is not None and self.of(term) is None:
                self._learn_rank(HasRank(term, len(shape), line=line))
        pairs = zip(self.of(one) or (), self.of(other) or (), strict=False)
        for first, second in pairs:
            assert first.size is not None
            assert second.size is not None
            left, right = (self.symbols.polynomial(each) for each in (first.size, second.size))
            self._equate(left, right, line)

    def _equate(self, one: Polynomial | None, other: Polynomial | None, line: int) -> None:
        """Say one size for both from now on; only a length is replaced, never what may be -1."""
        if one is None or other is None:
            return
        first, second = (self._facts.settled(self.axis(each, line)) for each in (one, other))
        for old, new in ((first, second), (second, first)):
            if isinstance(old.size, Symbol) and old.size in self.symbols.nonnegative:
                if old.size != new.size:
                    text, offset = self._shown(line)
                    said = new._replace(text=text, offset=offset)
                    self._facts.note(self._facts.equal, old.size, said)
                    self._known.clear()
                    self._open.clear()
                return

    # ---- terms

    def _of(self, term: Term) -> Known:
        if term not in self._known:
            # Operands first, so that no rule calls itself however long a chain of terms is.
            for each in bottom_up((term,), self._known):
                known = self._known[each] = self._completed(each, self._looked_at(each))
                self._computed.append(each)
                if known.shape is None and each.operator != CONSTANT:
                    self._open.append(each)
        return self._known[term]

    def _completed(self, term: Term, known: Known) -> Known:
        """What the operator tells, and what facts add to it."""
        shape = known.shape
        if shape is None and term in self._facts.ranks:
            shape = self._of_rank(term, self._facts.ranks[term])
        if shape is not None or term in self._facts.shaped:
            return Known(shape, known.parts, is_tensor=True)
        is_something_else = known.is_tensor or known.is_number or known.parts is not None
        if is_something_else or known.number is not None or term.operator in _NO_INTEGERS:
            return known
        symbol = self.symbols.of(term, name_of(term), owner_of(term))
        self.symbols.maybe_not_int.add(symbol)
        return Known(number=Polynomial.of(symbol))

    def _of_rank(self, term: Term, fact: HasRank) -> Shape:
        names = (*fact.names, *[""] * fact.rank)
        return tuple(
            self._facts.settled(self.unknown((term, place), fact.line, names[place]))
            for place in range(fact.rank)
        )

    def _looked_at(self, term: Term) -> Known:
        match term.operator:
            case "constant":
                return _of_constant(term.detail)
            case "free" if isinstance(term.detail, Free):
                return self._of_free(term, term.detail)
            case "size" if isinstance(term.detail, int):
                return self._of_size(term, term.detail)
            case "choice":
                return self._of_choice(term)
            case "item":
                return self._of_item(term)
            case "product" if isinstance(term.detail, Equation):
                return Known(self._of_product(term, term.detail), is_tensor=True)
            case "math":
                return Known(is_number=True)
        return self._of_operation(term)

    def _of_free(self, term: Term, free: Free) -> Known:
        if free.axes is not None:
            axes = enumerate(free.axes)
            return Known(tuple(self._promised(term, place, each) for place, each in axes))
        if free.kind is Kind.INTEGER:
            symbol = self.symbols.of(term, free.name, free.group)
            return Known(number=Polynomial.of(symbol), is_number=True)
        return Known(is_tensor=free.kind is Kind.TENSOR)

    def _promised(self, term: Term, place: int, axis: int | str | None) -> Axis:
        """One axis of an annotation: one name is one size in the whole function."""
        if isinstance(axis, int):
            return self.axis(Polynomial.of(axis), term.line)
        key = (term, place) if axis is None else (getattr(term.detail, "group", None), axis)
        return self.unknown(key, term.line, axis or "")

    def _of_size(self, term: Term, place: int) -> Known:
        (owner,) = term.operands
        shape = self.of(owner)
        if shape is not None:
            if position(place, len(shape)) is None:
                return Known()
            size = shape[place].size
            assert size is not None
            return Known(number=self.symbols.polynomial(size), is_number=True)
        name = name_of(owner)
        shown = f"{name}.shape[{place}]" if name else ""
        size = self._facts.settled(self.unknown((owner, place), term.line, shown)).size
        assert size is not None
        return Known(number=self.symbols.polynomial(size), is_number=True)

    def _of_choice(self, term: Term) -> Known:
        """What is true of both branches."""
        one, other = (self._of(each) for each in term.operands[1:])
        sizes = [[axis.size for axis in each.shape or ()] for each in (one, other)]
        is_one_shape = one.shape is not None and other.shape is not None and sizes[0] == sizes[1]
        are_numbers = one.is_number and other.is_number
        number = one.number if one.number == other.number else None
        if number is None and are_numbers and one.number is not None and other.number is not None:
            number = Polynomial.of(self.symbols.of(term))
        return Known(
            one.shape if is_one_shape else None,
            is_tensor=one.is_tensor and other.is_tensor,
            number=number,
            is_number=are_numbers,
        )

    def _of_item(self, term: Term) -> Known:
        owner, *indices = term.operands
        known, place = self._of(owner), indices[0].integer
        if known.parts is not None:
            shapes = known.parts.shapes
            is_there = place is not None and -len(shapes) <= place < len(shapes)
            if place is None or not is_there or (place < 0 and known.parts.at_most):
                return Known()
            return Known(shapes[place], is_tensor=True)
        if not known.is_tensor or added_axes(term, self) is None:
            return Known()
        shape = None if known.shape is None else indexed(term, known.shape, self)
        return Known(shape, is_tensor=True)

    def _of_product(self, term: Term, equation: Equation) -> Shape | None:
        shapes = [self.of(each) for each in term.operands]
        unknown = self.unknowns(term, shapes)
        if equation is not MATMUL:
            return contracted(equation, shapes, unknown)
        left, right = shapes[:2]
        return product(left, right, unknown) if left and right else None

    def _of_operation(self, term: Term) -> Known:
        signature = _signature(term)
        are_numbers = [self._of(each).is_number for each in term.operands]
        is_number = term.operator in NUMBERS and all(are_numbers)
        if term.operator == "aliased" and are_numbers[0]:
            return self._of(term.operands[0])
        number = None
        if term.operator != "augmented" or is_number:  # else a list or a tensor may be changed
            number = arithmetic(
                term, [self._of(each).number for each in term.operands], self.symbols
            )
        if signature is None or is_number:
            return Known(number=number, is_number=is_number)
        call = CallArguments(term, signature, self)
        if term.is_method and (call.input is None or not self.is_tensor(call.input)):
            return Known(number=number)
        result = signature.transfer(call)
        if isinstance(result, Parts):
            return Known(parts=result)
        # Arithmetic is a tensor if there is one in it; all other operators make nothing else.
        is_arithmetic = term.operator in NUMBERS or term.operator == "aliased"
        is_tensor = not is_arithmetic or any(map(self.is_tensor, term.operands))
        return Known(result, is_tensor=is_tensor, number=None if result else number)


def _signature(term: Term) -> Signature | None:
    if term.operator == APPLY:
        is_plain = len(term.operands) == 2 and not term.names
        return LAYERS.get(str(term.operands[0].detail)) if is_plain else None
    return OPERATORS.get(term.operator)


def _of_constant(value: object) -> Known:
    if isinstance(value, int) and not isinstance(value, bool):
        return Known(number=Polynomial.of(value), is_number=True)
    return Known(is_number=isinstance(value, (bool, float)))
