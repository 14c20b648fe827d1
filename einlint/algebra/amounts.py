"""Integers written with symbols: polynomials in a normal form, so that equal ones are one.

What has no normal form, as `dim // heads` where nothing says that it divides, is a symbol of its
own, the same one wherever it is asked for with the same amounts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from einlint.algebra.sizes import Size, Symbol

Monomial: TypeAlias = tuple[Symbol, ...]

_MOST_TERMS = 12
_HIGHEST_DEGREE = 12
_LARGEST = 2**63 - 1  # of a size in torch


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of products of symbols; without terms it is 0."""

    terms: tuple[tuple[Monomial, int], ...]

    @property
    def constant(self) -> int | None:
        """The number it is, if it is one."""
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

    def __str__(self) -> str:
        return " + ".join(_text(monomial, factor) for monomial, factor in self.terms) or "0"


def constant(number: int) -> Amount:
    """The amount of a number."""
    return Amount((((), number),) if number else ())


def added(left: Amount, right: Amount, sign: int = 1) -> Amount:
    """The sum, or with a sign of -1 the difference."""
    terms = dict(left.terms)
    for monomial, factor in right.terms:
        terms[monomial] = terms.get(monomial, 0) + sign * factor
    return _amount(terms)


def multiplied(left: Amount, right: Amount) -> Amount:
    """The product."""
    terms: dict[Monomial, int] = {}
    for one, factor in left.terms:
        for other, another in right.terms:
            monomial = tuple(sorted((*one, *other), key=_order))
            terms[monomial] = terms.get(monomial, 0) + factor * another
    return _amount(terms)


def divided(left: Amount, right: Amount) -> Amount | None:
    """The amount that times `right` (one term, not 0) is `left`; None where there is no such."""
    if left == right:
        return constant(1)
    if len(right.terms) != 1:
        return None
    ((divisor, factor),) = right.terms
    terms: dict[Monomial, int] = {}
    for monomial, coefficient in left.terms:
        rest = _without(monomial, divisor)
        if rest is None or coefficient % factor:
            return None
        terms[rest] = coefficient // factor
    return _amount(terms)


@dataclass(slots=True)
class Symbols:
    """The symbols of one file: no identity is given twice.

    anonymous: identities of sizes that have no name in the source.
    doubtful: symbols that stand for an integer only if they are used as one.
    measured: symbols that are sizes of tensors, and so not negative.
    """

    anonymous: set[int] = field(default_factory=set)
    doubtful: set[Symbol] = field(default_factory=set)
    measured: set[Symbol] = field(default_factory=set)
    _count: int = 0
    _known: dict[object, Symbol] = field(default_factory=dict)
    _meanings: dict[Symbol, Amount] = field(default_factory=dict)

    def identity(self) -> int:
        """A number that nothing else has."""
        self._count += 1
        return self._count

    def fresh(self, name: str = "") -> Symbol:
        """A size of which nothing is known; without a name it is anonymous."""
        symbol = Symbol(name or "?", self.identity())
        self.measured.add(symbol)
        if not name:
            self.anonymous.add(symbol.identity)
        return symbol

    def trust(self, symbol: Symbol) -> None:
        """Note that a symbol is an integer, and so is what is made of such symbols alone."""
        self.doubtful.discard(symbol)
        for key, opaque in self._known.items():
            if opaque in self.doubtful and not _symbols_in(key) & self.doubtful:
                self.doubtful.discard(opaque)

    def size(self, amount: Amount) -> Size:
        """The amount as a size."""
        number = amount.constant
        if number is not None:
            return number
        match amount.terms:
            case (((symbol,), 1),):
                return symbol
        symbol = self.opaque(amount, str(amount))
        self._meanings[symbol] = amount
        if amount.symbols & self.doubtful:
            self.doubtful.add(symbol)
        if any(each.identity in self.anonymous for each in amount.symbols):
            self.anonymous.add(symbol.identity)
        return symbol

    def amount(self, size: Size) -> Amount:
        """What a size is made of."""
        if isinstance(size, int):
            return constant(size)
        return self._meanings.get(size) or Amount((((size,), 1),))

    def opaque(self, key: object, name: str) -> Symbol:
        """The one symbol for `key`."""
        if key not in self._known:
            self._known[key] = Symbol(name, self.identity())
        return self._known[key]

    def quotient(self, left: Amount, right: Amount) -> Amount:
        """Left // right, where right is not 0."""
        numbers = (left.constant, right.constant)
        if numbers[0] is not None and numbers[1]:
            return constant(numbers[0] // numbers[1])
        return divided(left, right) or self.function("//", left, right)

    def function(self, operator: str, left: Amount, right: Amount) -> Amount:
        """The value of a pure function of two amounts."""
        name = f"{_bracketed(left)} {operator} {_bracketed(right)}"
        symbol = self.opaque((operator, left, right), name)
        if (left.symbols | right.symbols) & self.doubtful:
            self.doubtful.add(symbol)
        if any(each.identity in self.anonymous for each in left.symbols | right.symbols):
            self.anonymous.add(symbol.identity)
        return Amount((((symbol,), 1),))

    def bounded(self, amount: Amount) -> Amount:
        """The amount; a symbol of its own where it has grown too long or too large to look into."""
        degree = max((len(monomial) for monomial, _ in amount.terms), default=0)
        largest = max((abs(factor) for _, factor in amount.terms), default=0)
        is_short = len(amount.terms) <= _MOST_TERMS and degree <= _HIGHEST_DEGREE
        if is_short and largest <= _LARGEST:
            return amount
        symbol = self.opaque(("long", amount), "?")
        if amount.symbols & self.doubtful:
            self.doubtful.add(symbol)
        return Amount((((symbol,), 1),))


def _amount(terms: Mapping[Monomial, int]) -> Amount:
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor]
    return Amount(tuple(sorted(kept, key=lambda term: [_order(each) for each in term[0]])))


def _symbols_in(key: object) -> frozenset[Symbol]:
    """The symbols in what an opaque symbol stands for."""
    parts = key if isinstance(key, tuple) else (key,)
    return frozenset(each for part in parts if isinstance(part, Amount) for each in part.symbols)


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


def _bracketed(amount: Amount) -> str:
    text = str(amount)
    return f"({text})" if " " in text else text
