"""Subject: what a picture shows of an equation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.equation import Equation
from einlint.algebra.nouns import noun
from einlint.algebra.operand_names import letters
from einlint.algebra.oversights import Oversight, oversights
from einlint.algebra.roles import ROLE_TEXTS, role_of
from einlint.pictures.look import FORMS
from einlint.pictures.pairwise import Order, order_of

_LONGEST_NAME = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """An equation with its known sizes.

    names: those of the operands. doubts: what is often a mistake.
    order: the steps of three and more operands; None for fewer, or for too many.
    """

    contraction: Contraction
    sizes: Mapping[str, int]
    names: tuple[str, ...]
    doubts: tuple[Oversight, ...]
    order: Order | None

    @classmethod
    def of(cls, equation: Equation, sizes: Mapping[str, int], names: Sequence[str]) -> "Subject":
        """The subject; operands without names are a, b, and so on, or numbers if they are many."""
        count = len(equation.inputs)
        numbers = [str(number) for number in range(1, count + 1)]
        has_names = len(names) == count
        given = [_short(name) for name in names] if has_names else letters(count) or numbers
        return cls(
            contraction_of(equation),
            sizes,
            tuple(given),
            tuple(oversights(equation, sizes, given)),
            order_of(equation, sizes),
        )

    @property
    def equation(self) -> Equation:
        """The equation."""
        return self.contraction.equation

    @property
    def noun(self) -> str:
        """What people call it, with the article."""
        return noun(self.contraction)

    @property
    def gone(self) -> tuple[str, ...]:
        """The indices that the output lacks, in order of appearance."""
        return tuple(each for each in self.equation.labels if each not in self.equation.output)

    def form(self, label: str) -> str:
        """The classes of a wire or a cell: its role, and whether it is doubted."""
        doubt = " doubt" if self.is_doubted(label) else ""
        return FORMS[role_of(label, self.contraction.roles)] + doubt

    def form_of_all(self, labels: Sequence[str]) -> str:
        """The classes of several indices of one role: doubted only if each of them is."""
        certain = (label for label in labels if not self.is_doubted(label))
        return self.form(next(certain, labels[0]))

    def is_doubted(self, label: str) -> bool:
        """Whether a doubt is about this index."""
        return any(each.index == label for each in self.doubts)

    def roles(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """The roles that occur, in the order of the legend: name, meaning and indices."""
        for role in FORMS:
            labels = getattr(self.contraction.roles, role)
            if labels:
                yield (*ROLE_TEXTS[role], labels)


def _short(name: str) -> str:
    """A name that fits beside its row, with escapes for characters that XML cannot have."""
    if not name.isprintable():
        name = "".join(each if each.isprintable() else repr(each)[1:-1] for each in name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
