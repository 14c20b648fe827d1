"""What torch accepts in an equation, and is often not meant: EIN005 to EIN008 without a call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from einlint.algebra.equation import ELLIPSIS, Equation


@dataclass(frozen=True, slots=True)
class Oversight:
    """A doubt about an equation, and the code of the rule that reports it."""

    code: str
    text: str


def oversights(equation: Equation, sizes: Mapping[str, int]) -> Iterator[Oversight]:
    """The doubts about an equation, in the order of their codes.

    sizes: the known sizes; a sum over an index of size 1 is no mistake.
    """
    yield from _summed(equation, sizes)
    if equation.implicit:
        output = "".join(equation.output)
        text = f"without an arrow the order of the output is alphabetical: it is `{output}`"
        yield Oversight("EIN006", text)
    if ELLIPSIS in equation.labels and ELLIPSIS not in equation.output:
        yield Oversight("EIN007", "the axes that `...` stands for are summed; numpy raises here")
    yield from _repeated(equation)


def _summed(equation: Equation, sizes: Mapping[str, int]) -> Iterator[Oversight]:
    """Indices of one of several operands that the output lacks."""
    if len(equation.inputs) < 2:
        return
    holders: dict[str, list[int]] = {}
    for number, term in enumerate(equation.inputs, 1):
        for label in dict.fromkeys(term):
            holders.setdefault(label, []).append(number)
    for label, numbers in holders.items():
        is_lost = len(numbers) == 1 and label not in (*equation.output, ELLIPSIS)
        if is_lost and sizes.get(label) != 1:
            place = f"only in operand {numbers[0]} and not in the output"
            yield Oversight("EIN005", f"`{label}` is {place}: it is summed silently")


def _repeated(equation: Equation) -> Iterator[Oversight]:
    """Indices that are repeated within one of several operands."""
    if len(equation.inputs) < 2:
        return
    for number, term in enumerate(equation.inputs, 1):
        for label in dict.fromkeys(term):
            if term.count(label) > 1:
                where = f"repeated in operand {number} (`{''.join(term)}`)"
                yield Oversight("EIN008", f"`{label}` is {where}: only its diagonal is used")
