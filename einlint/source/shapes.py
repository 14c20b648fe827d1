"""The shapes of terms, computed when they are asked for, and remembered.

What is said of sizes is said of tensors: *if* the object is a torch tensor, its axes are these.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from einlint.algebra.equation import Equation
from einlint.algebra.polynomials import Polynomial, Symbols
from einlint.algebra.shapes import contracted, position, product
from einlint.algebra.sizes import Axis, Shape, Size, Symbol
from einlint.source.expressions import MATMUL
from einlint.source.indexing import added_axes, indexed
from einlint.source.knowledge import AreEqual, Fact, HasRank, HasShape, Knowledge
from einlint.source.layers import LAYERS
from einlint.source.operators import MANY, OPERATORS
from einlint.source.signatures import CallArguments, Parts, Signature, name_of
from einlint.source.terms import (
    APPLY,
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

_ARITHMETIC: Final = frozenset({"add", "sub", "mul", "floor_divide", "neg"})
_NUMBERS: Final = _ARITHMETIC | {"div", "pow", "augmented"}
# These are no integers, whatever is in them.
_NO_INTEGERS: Final = frozenset({TUPLE, SHAPE, SLICE})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one term.

    number: the integer it is, if it is one. is_number: it surely is a Python number.
    """

    shape: Shape | None = None
    parts: Parts | None = None
    is_tensor: bool = False
    number: Polynomial | None = None
    is_number: bool = False


class Shapes:
    """The shapes of terms at a place where some facts are known."""

    def __init__(self, symbols: Symbols, words: Callable[[int], str], knowledge: Knowledge) -> None:
        """Take the facts in; `words` quotes a line of the file."""
        self.symbols = symbols
        self._words = words
        self._known: dict[Term, Known] = {}
        self._ranks: dict[Term, HasRank] = {}
        self._shaped: set[Term] = set()
        self._equal: dict[Symbol, Axis] = {}
        facts = list(knowledge.facts())
        self._shaped.update(each.term for each in facts if isinstance(each, HasShape))
        for fact in facts:
            self._learn_rank(fact)
        self._known.clear()  # what was asked for the ranks did not know all of them
        for fact in facts:
            self._learn_equal(fact)
        self._known.clear()

    # ---- what others ask

    def of(self, term: Term) -> Shape | None:
        """The shape of a tensor; None where its rank is not known."""
        return self._of(term).shape

    def equal(self, shape: Shape | None) -> Shape | None:
        """A shape with sizes that a test proved equal written as one."""
        return None if shape is None else tuple(map(self._settled, shape))

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
        return Axis(self.symbols.size(number), self._words(line), line)

    def unknown(self, key: object, line: int, name: str = "") -> Axis:
        """An axis of which nothing is known; one key is one size."""
        return Axis(self.symbols.length(key, name), self._words(line), line)

    # ---- facts

    def _learn_rank(self, fact: Fact) -> None:
        """A rank; that of what it was made from follows where the operator tells how many more."""
        if isinstance(fact, HasShape) and fact.sizes is not None:
            fact = HasRank(fact.term, len(fact.sizes), line=fact.line)
        each = fact if isinstance(fact, HasRank) else None
        while each is not None and each.term not in self._ranks:
            self._ranks[each.term] = each
            each = self._rank_below(each)

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
        if added is None or fact.rank < added:
            return None
        base = made.operands[1 if made.operator == APPLY else 0]
        is_sure = not made.is_method and (is_part or made.operator != ITEM)
        if not is_sure and not self._has_shown_a_shape(base):
            return None
        # Only operators that leave the axes alone leave their names alone too.
        names = fact.names if signature is OPERATORS["contiguous"] else ()
        return HasRank(base, fact.rank - added, names, fact.line)

    def _has_shown_a_shape(self, term: Term) -> bool:
        """Whether it is a tensor, without a look at shapes."""
        while True:
            if term in self._shaped or term in self._ranks or term.operator in (PRODUCT, APPLY):
                return True
            if isinstance(term.detail, Free):
                return term.detail.kind is Kind.TENSOR
            if _signature(term) is None or not term.operands:
                return False
            if not term.is_method:
                return True
            term = term.operands[0]

    def _learn_equal(self, fact: Fact) -> None:
        match fact:
            case AreEqual(
                left=Term(operator="shape") as left, right=Term(operator="shape") as right
            ):
                self._equate_shapes(left.operands[0], right.operands[0], fact.line)
            case AreEqual(left=left, right=right, line=line):
                if self.is_number(left) and self.is_number(right):
                    self._equate(self.number(left), self.number(right), line)
            case HasShape(term=term, sizes=tuple() as sizes, line=line):
                shape = self.of(term)
                for axis, size in zip(shape or (), sizes, strict=False):
                    assert axis.size is not None
                    self._equate(self.symbols.polynomial(axis.size), self.number(size), line)

    def _equate_shapes(self, one: Term, other: Term, line: int) -> None:
        """Two tensors have one shape; where only one rank is known, it is that of both."""
        for known, term in ((one, other), (other, one)):
            shape = self.of(known)
            if shape is not None and self.of(term) is None:
                self._learn_rank(HasRank(term, len(shape), line=line))
                self._known.clear()
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
        first, second = (self._settled(self.axis(each, line)) for each in (one, other))
        for old, new in ((first, second), (second, first)):
            if isinstance(old.size, Symbol) and old.size in self.symbols.nonnegative:
                if old.size != new.size:
                    self._equal[old.size] = replace(new, text=self._words(line), row=line)
                return

    def _settled(self, axis: Axis) -> Axis:
        seen: set[Size | None] = set()
        while isinstance(axis.size, Symbol) and axis.size in self._equal and axis.size not in seen:
            seen.add(axis.size)
            axis = self._equal[axis.size]
        return axis

    # ---- terms

    def _of(self, term: Term) -> Known:
        if term not in self._known:
            # Operands first, so that no rule calls itself however long a chain of terms is.
            for each in bottom_up((term,), self._known):
                self._known[each] = self._completed(each, self._looked_at(each))
        return self._known[term]

    def _completed(self, term: Term, known: Known) -> Known:
        """What the operator tells, and what facts add to it."""
        shape = known.shape
        if shape is None and term in self._ranks:
            shape = self._of_rank(term, self._ranks[term])
        if shape is not None or term in self._shaped:
            return replace(known, shape=shape, is_tensor=True)
        if known.is_tensor or known.number is not None or term.operator in _NO_INTEGERS:
            return known
        symbol = self.symbols.of(term, name_of(term))
        if not known.is_number:
            self.symbols.maybe_not_int.add(symbol)
        # A number that is no integer still has no other value than itself.
        return known if known.is_number else replace(known, number=Polynomial.of(symbol))

    def _of_rank(self, term: Term, fact: HasRank) -> Shape:
        names = (*fact.names, *[""] * fact.rank)
        return tuple(
            self._settled(self.unknown((term, place), fact.line, names[place]))
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
            return Known(number=Polynomial.of(self.symbols.of(term, free.name)), is_number=True)
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
        size = self._settled(self.unknown((owner, place), term.line, shown)).size
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
        return Known(
            None if known.shape is None else indexed(term, known.shape, self), is_tensor=True
        )

    def _of_product(self, term: Term, equation: Equation) -> Shape | None:
        left, right = (self.of(each) for each in (term.operands * 2)[:2])
        places = iter(range(1_000))

        def unknown() -> Axis:
            return self.unknown((term, next(places)), term.line)

        if equation is MATMUL:
            return product(left, right, unknown) if left and right else None
        return contracted(equation, [self.of(each) for each in term.operands], unknown)

    def _of_operation(self, term: Term) -> Known:
        signature = _signature(term)
        number = self._arithmetic(term)
        numbers = [self._of(each).is_number for each in term.operands]
        is_number = term.operator in _NUMBERS and all(numbers)
        if term.operator == "aliased" and numbers[0]:
            return self._of(term.operands[0])
        if signature is None or is_number:
            return Known(number=number, is_number=is_number)
        call = CallArguments(term, signature, self)
        if term.is_method and (call.input is None or not self.is_tensor(call.input)):
            return Known(number=number)
        result = signature.transfer(call)
        if isinstance(result, Parts):
            return Known(parts=result)
        # Arithmetic is a tensor if there is one in it; all other operators make nothing else.
        is_arithmetic = term.operator in _NUMBERS or term.operator == "aliased"
        is_tensor = not is_arithmetic or any(map(self.is_tensor, term.operands))
        return Known(result, is_tensor=is_tensor, number=None if result else number)

    def _arithmetic(self, term: Term) -> Polynomial | None:
        """Integers that are computed from integers."""
        operator = term.detail if term.operator == "augmented" else term.operator
        numbers = [self._of(each).number for each in term.operands]
        if operator not in _ARITHMETIC or term.names or None in numbers:
            return None
        if term.operator == "augmented" and not all(map(self.is_number, term.operands)):
            return None  # a list, or a tensor that is changed in place
        left, *others = [each for each in numbers if each is not None]
        result = self._computed(str(operator), left, others[0] if others else Polynomial.of(0))
        if result is None:
            return None
        used, unsure = (
            frozenset().union(*(each.symbols for each in (left, *others))),
            self.symbols.maybe_not_int,
        )
        # `x - x` is 0 for numbers only: of tensors it is one more tensor.
        is_kept = used & unsure <= result.symbols or bool((result.symbols - used) & unsure)
        return result if is_kept else None

    def _computed(self, operator: str, left: Polynomial, right: Polynomial) -> Polynomial | None:
        match operator:
            case "add":
                return self.symbols.bounded(left + right)
            case "sub":
                return self.symbols.bounded(left - right)
            case "mul":
                return self.symbols.bounded(left * right)
            case "neg":
                return -left
        return self.symbols.quotient(left, right) if right.constant != 0 else None


def _signature(term: Term) -> Signature | None:
    if term.operator == APPLY:
        is_plain = len(term.operands) == 2 and not term.names
        return LAYERS.get(str(term.operands[0].detail)) if is_plain else None
    return OPERATORS.get(term.operator)


def _of_constant(value: object) -> Known:
    if isinstance(value, int) and not isinstance(value, bool):
        return Known(number=Polynomial.of(value), is_number=True)
    return Known(is_number=isinstance(value, (bool, float)))
