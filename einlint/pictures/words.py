"""The picture in words: for those who do not see it, and below it."""

from collections.abc import Iterator

from einlint.algebra.equation import Subscripts
from einlint.pictures.pairwise import Order
from einlint.pictures.subject import Subject


def in_words(subject: Subject) -> str:
    """All that the picture shows, as sentences."""
    return " ".join(_sentences(subject))


def _sentences(subject: Subject) -> Iterator[str]:
    yield f"{subject.equation} is {subject.noun}."
    for name, term in zip(subject.names, subject.equation.inputs, strict=True):
        yield f"Operand {name} has {_axes(term, subject)}."
    yield f"The result has {_axes(subject.equation.output, subject)}."
    for name, meaning, labels in subject.roles():
        yield f"{', '.join(labels)}: {name}, {meaning}."
    if subject.order is not None:
        yield f"{order_title(subject.order)}:"
        yield f"{'; '.join(step_lines(subject.order, subject.names))}."
    yield from doubt_lines(subject)


def _axes(labels: Subscripts, subject: Subject) -> str:
    sizes = subject.sizes
    axes = (f"{each} of size {sizes[each]}" if each in sizes else each for each in labels)
    return f"the axes {', '.join(axes)}" if labels else "no axes"


def doubt_lines(subject: Subject) -> Iterator[str]:
    """What is often a mistake, one sentence each."""
    for each in subject.doubts:
        yield f"Is this meant? {each.text.replace('`', '')}"


def order_title(order: Order) -> str:
    """What the steps are."""
    return "Cheapest steps for these sizes" if order.is_best else "Steps from left to right"


def step_lines(order: Order, names: tuple[str, ...]) -> Iterator[str]:
    """A line for each step, such as `2: result of 1 with c -> bo, sum over j`."""
    for number, pair in enumerate(order.pairs, 1):
        left, right = (
            names[each - 1] if each > 0 else f"result of {-each}"
            for each in (pair.left, pair.right)
        )
        summed = f", sum over {', '.join(pair.gone)}" if pair.gone else ""
        yield f"{number}: {left} with {right} -> {''.join(pair.labels) or 'a number'}{summed}"
