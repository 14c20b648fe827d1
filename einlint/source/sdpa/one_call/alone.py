"""An attention as expressions over names of its own, to run apart from the code around it.

Names stand for query, key, value and masks, below the views that are written in the products. What
scales the scores is a number of about the size that is common, unless it is a literal.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.sizes import Shape
from einlint.source.sdpa.axes import before, behind, is_spread, spread, view_of
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched, Operand
from einlint.source.sdpa.one_call.named_chain import (
    Chain,
    MaskForm,
    NamedMask,
    NamedOperand,
    factor_of,
)
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done, Step
from einlint.source.sdpa.texts import UnwritableError, operands_of

_NAMES: Final = ("q", "k", "v")
_LETTERS: Final = "bhgfcaijlopqrstuvwxyz"
_MOST_VIEWS: Final = 6


@dataclass(frozen=True, slots=True)
class Product:
    """One of the two products: its equation in the source, and the letters of its labels."""

    equation: Equation
    letters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """Two expressions over `names`, each of them one tensor, and the name `torch`.

    original: the chain as it is written, without its dropout. exact: the same without its casts.
    axes: of the operands and of the result, written as an equation: b and h for the batch and the
        heads, n and m for queries and keys, d and e for the features of keys and values.
    products: the two contractions of the chain. calls: the same in the letters of the source.
    masks: the forms of the operands behind query, key and value.
    scale: what the scores are multiplied with.
    shapes: what the code shows of the operands.
    """

    names: tuple[str, ...]
    original: str
    exact: str
    replacement: str
    axes: Equation
    products: tuple[Equation, ...]
    calls: tuple[Product, ...]
    masks: tuple[MaskForm, ...]
    scale: float
    shapes: tuple[Shape | None, ...] = field(compare=False)


def alone(matched: Matched, parts: Parts, read: Read) -> Alone:
    """The attention by itself.

    Raises:
        UnwritableError: it cannot run on its own; the message says why.
    """
    if any(each.turn for each in parts.masks):
        raise UnwritableError("a mask lies on other axes than those of one call")
    if any(each.is_called for each in parts.masks):
        raise UnwritableError("another function adds to the scores")
    letters = _letters_of(matched, is_causal=is_causal(matched, parts, read))
    operands = tuple(
        _operand(name, each, read)
        for name, each in zip(_NAMES, (matched.query, matched.key, matched.value), strict=True)
    )
    masks = tuple(_masks(matched, parts, read, letters))
    chain = Chain(matched, parts, read, operands, masks)
    query, key, value = (letters.of(each.labels) for each in operands)
    rows, columns = letters.of((QUERY,)), letters.of((KEY,))
    scores = (*letters.of(matched.batch), *rows, *columns)
    output = letters.of(matched.output)
    inputs = (query, key, value, *(each.axes for each in masks))
    return Alone(
        (*_NAMES, *(each.name for each in masks)),
        _tidy(chain.original(has_casts=True)),
        _tidy(chain.original(has_casts=False)),
        _tidy(chain.replacement()),
        Equation(inputs, output),
        (Equation((query, key), scores), Equation((scores, value), output)),
        tuple(_products(matched, read, letters)),
        tuple(each.form for each in masks),
        factor_of([*parts.numbers, *parts.on_query]),
        (*(each.shape for each in operands), *(each.shape for each in masks)),
    )


def _tidy(text: str) -> str:
    return ast.unparse(ast.parse(text, mode="eval"))


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters of the axes."""

    known: dict[str, Subscripts]

    def of(self, labels: Sequence[str]) -> Subscripts:
        """The letters of labels."""
        try:
            return tuple(letter for label in labels for letter in self.known[label])
        except KeyError:
            raise UnwritableError("its axes are not those of one call") from None


def _letters_of(matched: Matched, *, is_causal: bool) -> _Letters:
    """The letters of all labels; an ellipsis that may be anything stands for batch and heads."""
    batch = list(matched.batch)
    known: dict[str, Subscripts] = {}
    pool = iter(_LETTERS)
    for label in batch:
        count = 2 if label == ELLIPSIS and len(batch) == 1 else 1
        known[label] = tuple(next(pool) for _ in range(count))
    many = tuple(letter for label in batch if is_spread(label) for letter in known[label])
    known.setdefault(ELLIPSIS, many or tuple(each for label in batch for each in known[label]))
    known |= {f".{place}": (each,) for place, each in enumerate(many) if f".{place}" not in known}
    known |= {QUERY: ("n",), KEY: ("n",) if is_causal else ("m",)}
    return _Letters(known | {FEATURE: ("d",), VALUE: ("e",)})


def _operand(name: str, operand: Operand, read: Read) -> NamedOperand:
    product, term, labels = operand.product, operand.term, operand.labels
    recorder = read.recorder
    node = recorder.nodes.get(product)
    nodes = [] if node is None else operands_of(node, product, read)
    base = nodes[operand.place] if len(nodes) > operand.place else None
    place = recorder.places.get(product)
    rank = None if place is None else read.file.rank(term, place.knowledge)
    views: list[str] = []
    for _ in range(_MOST_VIEWS if base is not None else 0):
        view = view_of(term)
        if view is None or recorder.nodes.get(term) is not base or base is None:
            break
        inner, ahead = operands_of(base, term, read), before(view, labels, rank)
        if not inner or ahead is None:
            break
        views.insert(0, f".{view.name}({', '.join(map(str, view.axes))})")
        base, term, labels = inner[0], term.operands[0], ahead
    shape = None if place is None else read.file.shape(term, place.knowledge)
    return NamedOperand(name, name + "".join(views), labels, shape)


def _masks(matched: Matched, parts: Parts, read: Read, letters: _Letters) -> Iterator[NamedMask]:
    ends = (*letters.of((QUERY,)), *letters.of((KEY,)))
    place = read.recorder.places.get(matched.product)
    for number, mask in enumerate(parts.masks):
        if mask.window is not None:
            raise UnwritableError("its scores are split into windows")
        name = "mask" if len(parts.masks) == 1 else f"mask{number + 1}"
        term, is_turned = mask.term, False
        while mask.keeps is not None and term.operator == "bitwise_not" and term.operands:
            term, is_turned = term.operands[0], not is_turned
        shape = None if place is None else read.file.shape(mask.term, place.knowledge)
        axes = letters.of(_axes_of_scores(matched, read, mask.done))
        own = axes[-2:] if axes[-2:] == ends else axes
        if shape is not None and len(shape) <= len(axes):
            own = axes[len(axes) - len(shape) :]
        keeps = None if mask.keeps is None else mask.keeps is not is_turned
        form = MaskForm(keeps, is_causal(matched, parts, read))
        yield NamedMask(name, mask, own, form, shape, is_turned)


def _axes_of_scores(matched: Matched, read: Read, until: Done | None = None) -> Subscripts:
    """The labels of the scores where a step is done, or where they meet the values."""
    equation = matched.scores.base.detail
    assert isinstance(equation, Equation)
    names: dict[str, str] = {}
    for operand in (matched.query, matched.key):
        raw = equation.inputs[operand.place]
        names |= (
            dict(zip(raw, operand.labels, strict=True)) if len(raw) == len(operand.labels) else {}
        )
    place = read.recorder.places.get(matched.scores.base)
    base = matched.scores.base
    rank = None if place is None else read.file.rank(base, place.knowledge)
    axes: Subscripts | None = tuple(names.get(e, e) for e in spread(equation.output, rank))
    for done in (*matched.scores.steps, *matched.weights.steps):
        if done == until or axes is None:
            break
        view = view_of(done.term) if done.step is Step.VIEW else None
        axes = axes if view is None else behind(view, axes, rank)
    if axes is None:
        raise UnwritableError("its scores are transposed in a way that is not known")
    return axes


def _products(matched: Matched, read: Read, letters: _Letters) -> Iterator[Product]:
    """Both products with the letters of their labels; none of an ellipsis."""
    made = _axes_of_scores(matched, read)
    weights = (1 - matched.value.place, made)
    value = (matched.value.place, matched.value.labels)
    keys = (
        (matched.query.place, matched.query.labels),
        (matched.key.place, matched.key.labels),
    )
    for term, operands in ((matched.scores.base, keys), (matched.product, (weights, value))):
        equation = term.detail
        assert isinstance(equation, Equation)
        found: dict[str, str] = {}
        for place, labels in operands:
            raw, own = equation.inputs[place], letters.of(labels)
            if len(raw) == len(own):
                found |= dict(zip(raw, own, strict=True))
        yield Product(equation, tuple(found.items()))
