"""Attention in terms: a product with the keys, some steps, and the product with the values.

The table of steps is the grammar. A step leads from a term down to the operand that it changes; a
branch leads down both ways, and both must end at one product. Nothing else may use what is between
the two products: the compiler keeps what somebody else wants to see, and so must whoever rewrites
the two as one.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.rewriting.fused import Form, Layout, Step
from einlint.source.expressions import MATMUL, Operands
from einlint.source.infer import FileTerms
from einlint.source.operators import HELD
from einlint.source.own_permutations import own_permutations
from einlint.source.scalars import is_scalar
from einlint.source.terms import (
    APPLY,
    ATTRIBUTE,
    CHOICE,
    ITEM,
    PRODUCT,
    Free,
    Term,
    bottom_up,
)

_AXES: Final = 4
_MOST_STEPS: Final = 16
# Branches behind branches multiply.
_MOST_WAYS: Final = 8
_LAST: Final = (-1, _AXES - 1)
_AFTER_SOFTMAX: Final = (Step.CAST, Step.DROPOUT)
# What is the parameter that it views.
_VIEWS: Final = frozenset(
    {"transpose", "permute", "t", "view", "reshape", "unsqueeze", "expand", "repeat", "rearrange"}
    | {"to", "float", "half", "bfloat16", "type_as", ITEM}
)
# One that exchanges heads and tokens, as in `x.transpose(1, 2)`.
_EXCHANGED: Final = (0, 2, 1, 3)
_CONTIGUOUS: Final = frozenset({"contiguous", "randn", "rand", "zeros", "ones", "empty"})
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_FLOAT32: Final = ("torch.float32", "torch.float")

Condition: TypeAlias = Callable[[Term, Term], bool]
"""Whether a term is a step; the second term is the operand that it changes."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The two products of an attention, and all forms that the steps between them may have.

    scores, values: the calls of einsum; None where it is written as a matrix product already.
    layout: the one of query, key and value; None where it is not known, or not one.
    """

    scores: ast.Call | None
    values: ast.Call | None
    forms: frozenset[Form]
    layout: Layout | None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two products of an attention."""

    chain: Chain
    is_scores: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """One line of the grammar: which operand a step changes, and how the step is called."""

    steps: Form
    place: int = 0
    holds: Condition = lambda term, below: True


def parts(file: FileTerms) -> dict[ast.Call, Part]:
    """Every einsum call that is a product of attention over four axes: batch, head, token, feature.

    Of a call that was read more than once nothing is said.
    """
    visits = [(call, file.terms_of(call)) for call in file.expressions.visits]
    calls = {found[0].result: (call, found[0]) for call, found in visits if len(found) == 1}
    users: dict[Term, set[Term]] = {}
    products = []
    roots = [*(each for sinks in file.sinks.values() for each in sinks), *calls]
    for term in bottom_up(roots):
        if term.operator == PRODUCT and len(term.operands) == 2:
            products.append(term)
        for operand in term.operands:
            users.setdefault(operand, set()).add(term)
    found: dict[ast.Call, Part] = {}
    for product in products:
        chain = _Matcher(file, calls, users).chain(product)
        if chain is not None:
            pairs = ((chain.scores, True), (chain.values, False))
            found |= {call: Part(chain, which) for call, which in pairs if call is not None}
    return found


@dataclass(frozen=True, slots=True)
class _Matcher:
    """Matches the grammar from a product with values downwards."""

    file: FileTerms
    calls: Mapping[Term, tuple[ast.Call, Operands]]
    users: Mapping[Term, set[Term]]

    def chain(self, product: Term) -> Chain | None:
        """The attention of which this is the product with the values."""
        weights, values = product.operands
        passed: set[Term] = set()
        ways = list(islice(self._ways(weights, passed, ()), _MOST_WAYS + 1))
        if len(ways) > _MOST_WAYS:
            return None
        bases = {base for base, _ in ways}
        scores = bases.pop() if len(bases) == 1 else None
        if scores is None or not self._are_products(scores, product):
            return None
        if any(not self.users[each] <= {*passed, product} for each in passed):
            return None
        queries, keys = scores.operands
        if scores not in self.calls:
            keys = keys.operands[0]  # below the transposition
        if _is_held(keys) or _is_held(values):
            return None
        forms = frozenset(form for _, form in ways)
        if not all(map(_is_attention, forms)):
            return None
        layouts = {_layout(each) for each in (queries, keys, values)}
        layout = layouts.pop() if len(layouts) == 1 else None
        return Chain(self._call(scores), self._call(product), forms, layout)

    def _ways(
        self, term: Term, passed: set[Term], above: Form
    ) -> Iterator[tuple[Term | None, Form]]:
        """Every way down: the product with the keys, or None, and the steps from it up."""
        passed.add(term)
        if term.operator == PRODUCT:
            yield term, above
        elif len(above) > _MOST_STEPS or len(passed) > _MOST_STEPS * 2:
            yield None, above
        elif term.operator == CHOICE:
            for branch in term.operands[1:]:
                yield from self._ways(branch, passed, above)
        else:
            way = next(self._fitting(term), None)
            if way is None:
                yield None, above
            else:
                yield from self._ways(term.operands[way.place], passed, (*way.steps, *above))

    def _fitting(self, term: Term) -> Iterator[_Way]:
        for way in _GRAMMAR.get(_name(term), ()):
            if way.place < len(term.positional) and way.holds(term, term.operands[way.place]):
                yield way

    def _call(self, product: Term) -> ast.Call | None:
        return self.calls[product][0] if product in self.calls else None

    def _are_products(self, scores: Term, values: Term) -> bool:
        """Whether they are `q @ k.transpose(-2, -1)` and `w @ v` of four axes, as einsum or not."""
        if len(scores.operands) != 2 or not {scores, values} & self.calls.keys():
            return False
        pairs = ((scores, True), (values, False))
        return all(self._is_product(*each, (scores, values)) for each in pairs)

    def _is_product(self, product: Term, is_turned: bool, both: tuple[Term, Term]) -> bool:
        equation = product.detail
        if product in self.calls:
            return isinstance(equation, Equation) and _is_plain(equation, is_turned)
        has_axes = all(self._has_axes(each, both) for each in product.operands)
        is_matmul = equation is MATMUL and has_axes
        return is_matmul and (not is_turned or _is_turned(product.operands[1]))

    def _has_axes(self, term: Term, both: tuple[Term, Term]) -> bool:
        """Whether it is known to have four axes; the equation of the other product may tell."""
        return any(
            self.file.rank(term, self.calls[each][1].behind) == _AXES
            for each in both
            if each in self.calls
        )


def _is_plain(equation: Equation, is_turned: bool) -> bool:
    """Whether it is `abid,abjd->abij`, or `abij,abjd->abid`, whatever the labels are."""
    (left, right), output = equation.inputs, equation.output
    if any(len(term) != _AXES or len({*term}) != _AXES for term in (left, right, output)):
        return False
    if ELLIPSIS in left or not left[:2] == right[:2] == output[:2]:
        return False
    (i, k), (one, other) = left[2:], right[2:]
    kept, summed = (one, other) if is_turned else (other, one)
    return summed == k and output[2:] == (i, kept)


def _is_turned(keys: Term) -> bool:
    """Whether the last thing done to the keys exchanges their last two axes."""
    if keys.operator not in ("transpose", "swapaxes", "swapdims") or len(keys.operands) != 3:
        return False
    return {(each.integer or 0) % _AXES for each in keys.operands[1:]} == {_AXES - 2, _AXES - 1}


def _layout(term: Term) -> Layout | None:
    """How an operand lies in memory."""
    if term.operator in ("transpose", "permute", "swapaxes", "rearrange"):
        orders = own_permutations(term, _AXES)
        return Layout.TRANSPOSED if orders == ((_EXCHANGED,),) else None
    if term.operator in _CONTIGUOUS:
        return Layout.CONTIGUOUS
    is_parameter = isinstance(term.detail, Free) and isinstance(term.detail.group, _FUNCTIONS)
    return Layout.GIVEN if is_parameter else None


def _is_held(term: Term) -> bool:
    """Whether it is a parameter of a module: a codebook or a gate has the form of attention."""
    for _ in range(_MOST_STEPS):
        if term.operator not in _VIEWS or not term.operands:
            break
        term = term.operands[0]
    return term.operator in (HELD, "parameter", ATTRIBUTE)


def _is_attention(form: Form) -> bool:
    """Whether one softmax turns scores into weights, which are only cast and dropped later."""
    if form.count(Step.SOFTMAX) != 1:
        return False
    return all(each in _AFTER_SOFTMAX for each in form[form.index(Step.SOFTMAX) + 1 :])


def _name(term: Term) -> str:
    """What the grammar calls the operator."""
    match term.operator:
        case "augmented":
            return str(term.detail)
        case "apply":
            return str(term.operands[0].detail).rpartition(".")[2]
        case "call":
            is_where = term.detail == "torch.where" and len(term.positional) == 3
            return "where" if is_where else ""
    return term.operator


def _other(term: Term, below: Term) -> Term | None:
    """The other operand of two."""
    others = [each for each in term.operands if each is not below]
    return others[0] if len(term.operands) == 2 and len(others) == 1 and not term.names else None


def _by_a_number(term: Term, below: Term) -> bool:
    other = _other(term, below)
    return other is not None and is_scalar(other)


def _by_a_tensor(term: Term, below: Term) -> bool:
    other = _other(term, below)
    return other is not None and not is_scalar(other)


def _over_the_keys(term: Term, _: Term) -> bool:
    """Whether a softmax, as a function or as a layer, is taken over the last axis of four."""
    made = term.operands[0] if term.operator == APPLY else term
    axis = made.keywords.get("dim") or next(iter(made.positional[term.operator != APPLY :]), None)
    return axis is not None and axis.integer in _LAST and not {*made.names} - {"dim", "dtype"}


def _in_its_own_dtype(term: Term, below: Term) -> bool:
    return _over_the_keys(term, below) and "dtype" not in term.names


def _in_float32(term: Term, below: Term) -> bool:
    dtype = term.keywords.get("dtype")
    return _over_the_keys(term, below) and dtype is not None and dtype.detail in _FLOAT32


def _to_float32(term: Term, _: Term) -> bool:
    wanted = term.operands[1:]
    return len(wanted) == 1 and wanted[0].detail in _FLOAT32


def _in_training_only(term: Term, _: Term) -> bool:
    """Whether a dropout of the functional interface stops where the module is evaluated."""
    training = term.keywords.get("training") or next(iter(term.positional[2:]), None)
    return training is not None and not training.is_constant(True)


def _ways(*ways: _Way) -> tuple[_Way, ...]:
    return ways


_CAST: Final = _ways(_Way((Step.CAST,)))
_GRAMMAR: Final[dict[str, tuple[_Way, ...]]] = {
    "mul": _ways(_Way((Step.MUL,), 0, _by_a_number), _Way((Step.MUL,), 1, _by_a_number)),
    "div": _ways(_Way((Step.DIV,), 0, _by_a_number)),
    "add": _ways(_Way((Step.ADD,), 0, _by_a_tensor)),
    "masked_fill": _ways(_Way((Step.MASKED_FILL,))),
    "where": _ways(
        _Way((Step.WHERE,), 1, lambda term, _: is_scalar(term.operands[2])),
        _Way((Step.WHERE,), 2, lambda term, _: is_scalar(term.operands[1])),
    ),
    "float": _ways(_Way((Step.FLOAT32,))),
    "to": _ways(_Way((Step.FLOAT32,), 0, _to_float32), _Way((Step.CAST,))),
    **dict.fromkeys(("type_as", "type", "half", "bfloat16"), _CAST),
    "softmax": _ways(
        _Way((Step.SOFTMAX,), 0, _in_its_own_dtype),
        _Way((Step.FLOAT32, Step.SOFTMAX), 0, _in_float32),
    ),
    "Softmax": _ways(_Way((Step.SOFTMAX,), 1, _over_the_keys)),
    "dropout": _ways(_Way((Step.DROPOUT,), 0, _in_training_only)),
    "Dropout": _ways(_Way((Step.DROPOUT,), 1)),
    "Identity": _ways(_Way((), 1)),
}
