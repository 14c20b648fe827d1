"""What torch accepts in an equation, and is often not meant: EIN005 to EIN008 without a call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.algebra.missed_contraction import missed_contractions
from einlint.algebra.operand_names import called


@dataclass(frozen=True, slots=True)
class Oversight:
    """A doubt about an equation, and the code of the rule that reports it.

    index: the index that it is about; None if it is about the whole equation.
    """

    code: str
    text: str
    index: str | None = None


def oversights(
    equation: Equation, sizes: Mapping[str, int], texts: Sequence[str]
) -> Iterator[Oversight]:
    """The doubts about an equation, in the order of their codes.

    sizes: the known sizes; a sum over an index of size 1 is no mistake.
    texts: the operands, as for `called`.
    """
    names = called(texts, len(equation.inputs))
    yield from _summed(equation, sizes, names)
    if equation.implicit:
        output = "".join(equation.output)
        text = f"without an arrow the order of the output is alphabetical: it is `{output}`"
        yield Oversight("EIN006", text)
    if ELLIPSIS in equation.labels and ELLIPSIS not in equation.output:
        text = "the axes that `...` stands for are summed; numpy raises here"
        yield Oversight("EIN007", text, ELLIPSIS)
    yield from _repeated(equation, names)


def _summed(
    equation: Equation, sizes: Mapping[str, int], names: Sequence[str]
) -> Iterator[Oversight]:
    """The likeliest typo that makes einsum sum over an index of one operand."""
    for missed in missed_contractions(equation):
        if sizes.get(missed.index) != 1:
            place = f"only in {names[missed.operand]} and not in the output"
            text = f"`{missed.index}` is {place}: it is summed silently; is `{missed.meant}` meant?"
            yield Oversight("EIN005", text, missed.index)
            return


def _repeated(equation: Equation, names: Sequence[str]) -> Iterator[Oversight]:
    """Indices that are repeated within one of several operands."""
    if len(equation.inputs) < 2:
        return
    for name, term in zip(names, equation.inputs, strict=True):
        for label in dict.fromkeys(term):
            if term.count(label) > 1:
                where = f"repeated in {name} (`{''.join(term)}`)"
                text = f"`{label}` is {where}: only its diagonal is used"
                yield Oversight("EIN008", text, label)
