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
from einlint.source.expressions import MATMUL
from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import before, is_spread, spread, view_of
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched, Operand, axis_of
from einlint.source.sdpa.parts import Mask, Parts
from einlint.source.sdpa.recorded import FUSED, Read
from einlint.source.sdpa.steps import Done, Step, name_of_step
from einlint.source.sdpa.texts import UnwritableError, operands_of, suffix, wanted
from einlint.source.sdpa.values import value_of
from einlint.source.sdpa.writing import written
from einlint.source.terms import CONSTANT, OPAQUE, Term

_NAMES: Final = ("q", "k", "v")
_LETTERS: Final = "bhgfcaijlopqrstuvwxyz"
# One over the root of 64, the number of features that heads mostly have.
_SCALE: Final = "0.125"
_DIVISOR: Final = "8.0"
_FLOAT32: Final = ("torch.float32", "torch.float")
_PLACES: Final = ("cuda", "cpu")
_MOST_VIEWS: Final = 6


@dataclass(frozen=True, slots=True)
class MaskForm:
    """What the tensor of a mask holds.

    keeps: of a boolean one, whether it is true where attention is paid; None for one that is added.
    is_causal: it is a lower triangle of what is kept.
    """

    keeps: bool | None
    is_causal: bool = False


@dataclass(frozen=True, slots=True)
class Alone:
    """Two expressions over `names`, each of them one tensor, and the name `torch`.

    original: the chain as it is written, without its dropout. exact: the same without its casts.
    axes: of the operands and of the result, written as an equation: b and h for the batch and the
        heads, n and m for queries and keys, d and e for the features of keys and values.
    products: the two contractions of the chain.
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
    masks: tuple[MaskForm, ...]
    scale: float
    shapes: tuple[Shape | None, ...] = field(compare=False)


def alone(matched: Matched, parts: Parts, read: Read) -> Alone:
    """The attention by itself.

    Raises:
        UnwritableError: it cannot run on its own; the message says why.
    """
    if any(each.step is Step.VIEW for each in (*matched.scores.steps, *matched.weights.steps)):
        raise UnwritableError("its scores are transposed")
    letters = _letters_of(matched, is_causal=is_causal(matched, parts, read))
    operands = tuple(
        _operand(name, each, read)
        for name, each in zip(_NAMES, (matched.query, matched.key, matched.value), strict=True)
    )
    masks = tuple(_masks(matched, parts, read, letters))
    chain = _Chain(matched, parts, read, operands, masks)
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
        tuple(each.form for each in masks),
        _factor([*parts.numbers, *parts.on_query]),
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
    known.setdefault(ELLIPSIS, many)
    known |= {f".{place}": (each,) for place, each in enumerate(many) if f".{place}" not in known}
    known |= {QUERY: ("n",), KEY: ("n",) if is_causal else ("m",)}
    return _Letters(known | {FEATURE: ("d",), VALUE: ("e",)})


@dataclass(frozen=True, slots=True)
class _Operand:
    """A name for what is below the views of an operand, with them, and its axes."""

    name: str
    text: str
    labels: Subscripts
    shape: Shape | None


def _operand(name: str, operand: Operand, read: Read) -> _Operand:
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
    return _Operand(name, name + "".join(views), labels, shape)


@dataclass(frozen=True, slots=True)
class _MaskOperand:
    """A name for a mask; `text` and `other` are the mask and, of a boolean one, its inverse."""

    name: str
    mask: Mask
    axes: Subscripts
    form: MaskForm
    shape: Shape | None
    is_turned: bool

    @property
    def text(self) -> str:
        """The mask as the chain uses it."""
        return f"(~{self.name})" if self.is_turned else self.name

    @property
    def argument(self) -> str:
        """The mask as the call takes it."""
        if self.mask.is_subtracted:
            return f"-{self.name}"
        return f"~{self.name}" if self.form.keeps is False else self.name


def _masks(matched: Matched, parts: Parts, read: Read, letters: _Letters) -> Iterator[_MaskOperand]:
    axes = letters.of(_axes_of_scores(matched, read))
    ends = (*letters.of((QUERY,)), *letters.of((KEY,)))
    place = read.recorder.places.get(matched.product)
    for number, mask in enumerate(parts.masks):
        name = "mask" if len(parts.masks) == 1 else f"mask{number + 1}"
        term, is_turned = mask.term, False
        while mask.keeps is not None and term.operator == "bitwise_not" and term.operands:
            term, is_turned = term.operands[0], not is_turned
        shape = None if place is None else read.file.shape(mask.term, place.knowledge)
        own = axes[-2:] if axes[-2:] == ends else axes
        if shape is not None and len(shape) <= len(axes):
            own = axes[len(axes) - len(shape) :]
        keeps = None if mask.keeps is None else mask.keeps is not is_turned
        form = MaskForm(keeps, is_causal(matched, parts, read))
        yield _MaskOperand(name, mask, own, form, shape, is_turned)


def _axes_of_scores(matched: Matched, read: Read) -> Subscripts:
    """The labels of the scores, as the first product makes them."""
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
    return tuple(names.get(each, each) for each in spread(equation.output, rank))


@dataclass(frozen=True, slots=True)
class _Chain:
    """Writes both texts."""

    matched: Matched
    parts: Parts
    read: Read
    operands: tuple[_Operand, ...]
    masks: tuple[_MaskOperand, ...]

    def original(self, *, has_casts: bool) -> str:
        """The chain from the first product to the second."""
        matched = self.matched
        query, key, value = (each.text for each in self.operands)
        pair = (query, key) if matched.query.place == 0 else (key, query)
        text = self._product(matched.scores.base, *pair)
        for done in self._taken(matched.scores.steps):
            text = self._step(done, text, has_casts=has_casts)
        text = self._softmax(text, has_casts=has_casts)
        for done in self._taken(matched.weights.steps):
            text = self._step(done, text, has_casts=has_casts)
        pair = (value, text) if matched.value.place == 0 else (text, value)
        return self._product(matched.product, *pair)

    def replacement(self) -> str:
        """The call that the fix writes."""
        matched, parts = self.matched, self.parts
        lasts = (QUERY, FEATURE), (KEY, FEATURE), (KEY, VALUE)
        query, key, value = (
            each.name + suffix(each.labels, wanted(each.labels, matched.batch, last))
            for each, last in zip(self.operands, lasts, strict=True)
        )
        for done in parts.on_query:
            query = f"{query} {'*' if done.step is Step.SCALE else '/'} {_number(done)}"
        arguments = [query, key, value]
        if self.masks and self.masks[0].form.is_causal:
            arguments.append("is_causal=True")
        elif self.masks:
            arguments.append(f"attn_mask={self._mask()}")
        arguments.append(f"scale={_scale(parts.numbers)}")
        behind = written(matched, parts, self.read).behind
        return f"torch.nn.functional.{FUSED}({', '.join(arguments)}){behind}"

    def _mask(self) -> str:
        kept = [f"({each.argument})" for each in self.masks if each.form.keeps is not None]
        added = [f"({each.argument})" for each in self.masks if each.form.keeps is None]
        if not kept or not added:
            return " & ".join(kept) or " + ".join(added)
        return f'torch.where({" & ".join(kept)}, {" + ".join(added)}, float("-inf"))'

    def _taken(self, steps: Sequence[Done]) -> Iterator[Done]:
        """The steps where the masks are, and where all other tests hold."""
        taken = {choice: holds for each in self.parts.masks for choice, holds in each.done.tests}
        for done in steps:
            if all(taken.setdefault(choice, True) is holds for choice, holds in done.tests):
                yield done

    def _product(self, term: Term, left: str, right: str) -> str:
        node = self.read.recorder.nodes.get(term)
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if "baddbmm" in name:
            raise UnwritableError("`baddbmm` does two steps at once")
        is_api = isinstance(node, ast.Call) and node in self.read.recorder.apis
        if name.endswith("bmm"):
            return f"torch.bmm({left}, {right})"
        if term.detail == MATMUL and not is_api:
            return f"(({left}) @ ({right}))"
        return f"torch.einsum({str(term.detail)!r}, {left}, {right})"

    def _softmax(self, text: str, *, has_casts: bool) -> str:
        softmax = self.matched.softmax
        is_cast = any(
            str(each.detail) in _FLOAT32 for each in softmax.operands if each.detail is not None
        )
        dtype = ", dtype=torch.float32" if is_cast and has_casts else ""
        return f"torch.softmax({text}, {axis_of(softmax)}{dtype})"

    def _step(self, done: Done, text: str, *, has_casts: bool) -> str:
        match done.step:
            case Step.SAME:
                return f"{text}.contiguous()" if done.term.operator == "contiguous" else text
            case Step.CAST if has_casts:
                return _cast(done.term, text)
            case Step.SCALE:
                return _by(done, text, "*", "mul_", _number(done))
            case Step.DIVIDE:
                return _by(done, text, "/", "div_", _number(done))
            case Step.ADD | Step.SUBTRACT:
                return self._added(done, text)
            case Step.FILL | Step.WHERE:
                return self._filled(done, text)
        return text  # a cast, or a dropout

    def _added(self, done: Done, text: str) -> str:
        sign, name = ("+", "add_") if done.step is Step.ADD else ("-", "sub_")
        mask = self._mask_of(done)
        if mask is not None:
            return _by(done, text, sign, name, mask.text)
        other = done.other
        if other is not None and other in self.parts.dropped:
            return f"((s := {text}) {sign} s.amax(-1, keepdim=True))"
        return _by(done, text, sign, name, _number(done))

    def _filled(self, done: Done, text: str) -> str:
        mask = self._mask_of(done)
        if mask is None:
            raise UnwritableError("a mask of unknown meaning")
        places = {mask.mask.place, done.place}
        value = next(each for n, each in enumerate(done.term.operands) if n not in places)
        low = _low(value)
        if done.step is Step.FILL:
            name = "masked_fill_" if _is_in_place(done.term) else "masked_fill"
            return f"({text}).{name}({mask.text}, {low})"
        pair = (text, low) if mask.mask.keeps else (low, text)
        return f"torch.where({mask.text}, {', '.join(pair)})"

    def _mask_of(self, done: Done) -> _MaskOperand | None:
        return next((each for each in self.masks if each.mask.done == done), None)


def _is_in_place(term: Term) -> bool:
    return term.operator in (IN_PLACE, "augmented")


def _by(done: Done, text: str, sign: str, name: str, other: str) -> str:
    """The scores and another operand, in place where they are changed so."""
    if _is_in_place(done.term):
        return f"({text}).{name}({other})"
    return f"({text} {sign} {other})" if done.place == 0 else f"({other} {sign} {text})"


def _cast(term: Term, text: str) -> str:
    name = name_of_step(term)
    if name in _PLACES:
        return text
    dtypes = [str(each.detail) for each in term.operands[1:]]
    is_float32 = name == "float" or any(each in _FLOAT32 for each in dtypes)
    return f"({text}).float()" if is_float32 else f"({text}).to(v.dtype)"


def _number(done: Done) -> str:
    """What scales the scores, or is added to all of them."""
    value = None if done.other is None else value_of(done.other)
    if value is not None and value not in (float("inf"), float("-inf")):
        return repr(value)
    return _DIVISOR if done.step is Step.DIVIDE else _SCALE


def _scale(numbers: Sequence[Done]) -> str:
    text = ""
    for done in numbers:
        if done.step is Step.SCALE:
            text = f"{text} * {_number(done)}" if text else _number(done)
        else:
            text = f"{text or '1'} / {_number(done)}"
    return text or "1.0"


def _factor(numbers: Sequence[Done]) -> float:
    factor = 1.0
    for done in numbers:
        number = float(_number(done))
        factor = factor * number if done.step is Step.SCALE else factor / (number or 1.0)
    return factor


def _low(value: Term) -> str:
    """The number that masked scores are filled with."""
    number = value_of(value)
    if number is None or number == float("-inf"):
        return 'float("-inf")'
    is_limit = value.operator not in (CONSTANT, OPAQUE, "neg") and number <= -1e38
    return "torch.finfo(q.dtype).min" if is_limit else repr(number)
