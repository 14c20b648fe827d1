"""The texts of an attention over names for its operands: as it is written, and as one call."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from einlint.algebra.equation import Subscripts
from einlint.algebra.sizes import Shape
from einlint.source.expressions import MATMUL
from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import axis_of, view_of
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched
from einlint.source.sdpa.one_call.writing import written
from einlint.source.sdpa.parts import Mask, Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import FUSED
from einlint.source.sdpa.steps import Done, Step, name_of_step
from einlint.source.sdpa.texts import UnwritableError, suffix, wanted
from einlint.source.sdpa.values import value_of
from einlint.source.terms import CONSTANT, OPAQUE, Term

# One over the root of 64, the number of features that heads mostly have.
_SCALE: Final = "0.125"
_DIVISOR: Final = "8.0"
_FLOAT32: Final = ("torch.float32", "torch.float")
_PLACES: Final = ("cuda", "cpu")


@dataclass(frozen=True, slots=True)
class MaskForm:
    """What the tensor of a mask holds.

    keeps: of a boolean one, whether it is true where attention is paid; None for one that is added.
    is_causal: it is a lower triangle of what is kept.
    """

    keeps: bool | None
    is_causal: bool = False


@dataclass(frozen=True, slots=True)
class NamedOperand:
    """A name for what is below the views of an operand, with them, and its axes."""

    name: str
    text: str
    labels: Subscripts
    shape: Shape | None


@dataclass(frozen=True, slots=True)
class NamedMask:
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
        if self.form.keeps is not None:
            return f"~{self.name}" if self.form.keeps is False else self.name
        text = f"-{self.name}" if self.mask.is_subtracted else self.name
        for done in self.mask.scales:
            text = f"{text} {'*' if done.step is Step.SCALE else '/'} {_number(done)}"
        return text


@dataclass(frozen=True, slots=True)
class Chain:
    """Writes both texts."""

    matched: Matched
    parts: Parts
    read: Read
    operands: tuple[NamedOperand, ...]
    masks: tuple[NamedMask, ...]

    def original(self, *, has_casts: bool) -> str:
        """The chain from the first product to the second."""
        matched = self.matched
        query, key, value = (each.text for each in self.operands)
        pair = (query, key) if matched.query.place == 0 else (key, query)
        node = self.read.recorder.nodes.get(matched.scores.base)
        at_once = [
            each
            for each in matched.scores.steps
            if node is not None and self.read.recorder.nodes.get(each.term) is node
        ]
        if at_once:
            text = self._fused_product(at_once, *pair)
        else:
            text = self._product(matched.scores.base, *pair)
        for done in self._taken(matched.scores.steps):
            if done not in at_once:
                text = self._step(done, text, has_casts=has_casts)
        text = self._softmax(text, has_casts=has_casts)
        for done in self._taken(matched.weights.steps):
            if done in self.parts.cleared:
                continue  # what runs alone has no row that is masked as a whole
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
        query = _scaled(query, self._taken(parts.on_query))
        value = _scaled(value, self._taken(parts.on_value))
        arguments = [query, key, value]
        if self.masks and self.masks[0].form.is_causal:
            arguments.append("is_causal=True")
        elif self.masks:
            arguments.append(f"attn_mask={self._mask()}")
        arguments.append(f"scale={_scale([*self._taken(parts.numbers)])}")
        # Its own mask is written below.
        behind = written(matched, replace(parts, gathered="mask"), self.read).behind
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
        is_api = isinstance(node, ast.Call) and node in self.read.recorder.apis
        if name.endswith("bmm"):
            return f"torch.bmm({left}, {right})"
        if term.detail == MATMUL and not is_api:
            return f"(({left}) @ ({right}))"
        return f"torch.einsum({str(term.detail)!r}, {left}, {right})"

    def _fused_product(self, steps: Sequence[Done], left: str, right: str) -> str:
        """A `baddbmm`, which scales the product and adds to it."""
        alpha = " * ".join(_number(each) for each in steps if each.step is Step.SCALE) or "1"
        masks = [mask for mask in map(self._mask_of, steps) if mask is not None]
        base, beta = (masks[0].text, 1) if masks else ("q.new_zeros(())", 0)
        return f"torch.baddbmm({base}, {left}, {right}, beta={beta}, alpha={alpha})"

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
            case Step.VIEW:
                view = view_of(done.term)
                if view is None:
                    raise UnwritableError("its scores are transposed in a way that is not known")
                return f"({text}).{view.name}({', '.join(map(str, view.axes))})"
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

    def _mask_of(self, done: Done) -> NamedMask | None:
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


def _scaled(text: str, steps: Iterable[Done]) -> str:
    for done in steps:
        text = f"{text} {'*' if done.step is Step.SCALE else '/'} {_number(done)}"
    return text


def factor_of(numbers: Sequence[Done]) -> float:
    """The number that all of them multiply the scores with."""
    factor = 1.0
    for done in (each for each in numbers if all(holds for _, holds in each.tests)):
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
