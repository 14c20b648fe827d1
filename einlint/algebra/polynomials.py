"""Sizes as polynomials over symbols, in a normal form, so that equal sizes compare equal.

An expression without a normal form, such as `dim // heads` if it may leave a remainder, becomes a
symbol of its own; the same expression always becomes the same symbol.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from einlint.algebra.sizes import Size, Symbol

Monomial: TypeAlias = tuple[Symbol, ...]

# Larger polynomials cost time and hardly ever prove anything.
_MOST_TERMS = 12
_HIGHEST_DEGREE = 12
_LARGEST = 2**63 - 1  # of a size in torch


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A sum of products of symbols; without terms it is 0."""

    terms: tuple[tuple[Monomial, int], ...]

    @classmethod
    def of(cls, size: Size) -> "Polynomial":
        """A polynomial that is one number or one symbol."""
        if isinstance(size, Symbol):
            return cls((((size,), 1),))
        return cls((((), size),) if size else ())

    @property
    def constant(self) -> int | None:
        """Its value if it is a number, else None."""
        match self.terms:
            case ():
                return 0
            case (((), coefficient),):
                return coefficient
        return None

    @property
    def symbols(self) -> frozenset[Symbol]:
        """Every symbol in it."""
        return frozenset(symbol for monomial, _ in self.terms for symbol in monomial)

    def __add__(self, other: "Polynomial") -> "Polynomial":
        terms = dict(self.terms)
        for monomial, factor in other.terms:
            terms[monomial] = terms.get(monomial, 0) + factor
        return _polynomial(terms)

    def __neg__(self) -> "Polynomial":
        return Polynomial(tuple((monomial, -factor) for monomial, factor in self.terms))

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        return self + -other

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        terms: dict[Monomial, int] = {}
        for one, factor in self.terms:
            for another, second in other.terms:
                monomial = tuple(sorted((*one, *another), key=_order))
                terms[monomial] = terms.get(monomial, 0) + factor * second
        return _polynomial(terms)

    def __floordiv__(self, other: "Polynomial") -> "Polynomial | None":
        """Exact quotient by a single nonzero term, or None."""
        if self == other:
            return Polynomial.of(1)
        if len(other.terms) != 1:
            return None
        ((divisor, factor),) = other.terms
        terms: dict[Monomial, int] = {}
        for monomial, coefficient in self.terms:
            rest = _without(monomial, divisor)
            if rest is None or coefficient % factor:
                return None
            terms[rest] = coefficient // factor
        return _polynomial(terms)

    def __str__(self) -> str:
        return " + ".join(_text(monomial, factor) for monomial, factor in self.terms) or "0"


@dataclass(slots=True, eq=False)
class Symbols:
    """The symbols of one file: one key is one symbol, and two keys are two.

    maybe_not_int: symbols that may stand for something else than an integer: `n` may be a tensor,
        or a tuple of sizes.
    nonnegative: symbols that are sizes of tensors; as an argument of `view` they are never -1.
    """

    maybe_not_int: set[Symbol] = field(default_factory=set)
    nonnegative: set[Symbol] = field(default_factory=set)
    _known: dict[Hashable, Symbol] = field(default_factory=dict)
    _meanings: dict[Symbol, Polynomial] = field(default_factory=dict)

    def of(self, key: Hashable, name: str = "", owner: object = None) -> Symbol:
        """The one symbol for a key; the owner is the function of which it is a parameter."""
        if key not in self._known:
            self._known[key] = Symbol(name or "?", len(self._known), owner)
        return self._known[key]

    def known(self, key: Hashable) -> Symbol | None:
        """The symbol for a key that has been asked for."""
        return self._known.get(key)

    def length(self, key: Hashable, name: str = "") -> Symbol:
        """The one symbol for the size of an axis."""
        symbol = self.of(key, name)
        self.nonnegative.add(symbol)
        return symbol

    def is_int(self, polynomial: Polynomial) -> bool:
        """Whether it is certainly an integer."""
        return self.maybe_not_int.isdisjoint(polynomial.symbols)

    def is_length(self, polynomial: Polynomial) -> bool:
        """Whether all its symbols are sizes of tensors."""
        return polynomial.symbols <= self.nonnegative

    def size(self, polynomial: Polynomial) -> Size:
        """The polynomial as a size: a number, or one symbol that stands for it."""
        number = polynomial.constant
        if number is not None:
            return number
        match polynomial.terms:
            case (((symbol,), 1),):
                return symbol
        symbol = self._derived(polynomial, str(polynomial), polynomial.symbols)
        self._meanings[symbol] = polynomial
        return symbol

    def polynomial(self, size: Size) -> Polynomial:
        """The polynomial behind a size."""
        known = self._meanings.get(size) if isinstance(size, Symbol) else None
        return known or Polynomial.of(size)

    def quotient(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """Left // right; right is not 0."""
        numbers = (left.constant, right.constant)
        if numbers[0] is not None and numbers[1]:
            return Polynomial.of(numbers[0] // numbers[1])
        exact = left // right
        if exact is not None:
            return exact
        name = f"{_bracketed(left)} // {_bracketed(right)}"
        return Polynomial.of(self._derived((left, right), name, left.symbols | right.symbols))

    def bounded(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial, or a new symbol if it has become too long or too large."""
        degree = max((len(monomial) for monomial, _ in polynomial.terms), default=0)
        largest = max((abs(factor) for _, factor in polynomial.terms), default=0)
        is_short = len(polynomial.terms) <= _MOST_TERMS and degree <= _HIGHEST_DEGREE
        if is_short and largest <= _LARGEST:
            return polynomial
        return Polynomial.of(self._derived(("long", polynomial), "?", polynomial.symbols))

    def _derived(self, key: Hashable, name: str, used: frozenset[Symbol]) -> Symbol:
        symbol = self.of(key, name)
        if used & self.maybe_not_int:
            self.maybe_not_int.add(symbol)
        return symbol


def _polynomial(terms: Mapping[Monomial, int]) -> Polynomial:
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor]
    return Polynomial(tuple(sorted(kept, key=lambda term: [_order(each) for each in term[0]])))


def _order(symbol: Symbol) -> int:
    return symbol.identity


def _without(monomial: Monomial, divisor: Iterable[Symbol]) -> Monomial | None:
    rest = list(monomial)
    for symbol in divisor:
        if symbol not in rest:
            return None
        rest.remove(symbol)
    return tuple(rest)


def _text(monomial: Monomial, factor: int) -> str:
    names = [f"({each.name})" if " " in each.name else each.name for each in monomial]
    return " * ".join([str(factor)] * (factor != 1 or not names) + names)


def _bracketed(polynomial: Polynomial) -> str:
    text = str(polynomial)
    return f"({text})" if " " in text else text
