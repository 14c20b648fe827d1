"""Find the attention of a file in the forms that torch.compile knows."""

import ast
from collections.abc import Iterator
from itertools import product
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, EquationError, parse
from einlint.rewriting.fused import Form, Layout, Step
from einlint.source.callsite import CallSite
from einlint.source.facts.attention import Attention
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.finder import ParsedFile
from einlint.source.own_permutations import own_permutations
from einlint.source.scalars import is_scalar
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import Done, name_of_step
from einlint.source.sdpa.steps import Step as Deed
from einlint.source.terms import APPLY, Free, Term

_AXES: Final = 4
# Every test doubles the forms.
_MOST_TESTS: Final = 3
_SINGLE: Final = ("torch.float32", "torch.float")
# One that exchanges heads and tokens, as in `x.transpose(1, 2)`.
_EXCHANGED: Final = (0, 2, 1, 3)
_CONTIGUOUS: Final = frozenset({"contiguous", "randn", "rand", "zeros", "ones", "empty"})
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_STEPS: Final = {Deed.FILL: Step.MASKED_FILL, Deed.WHERE: Step.WHERE}


def found(parsed: ParsedFile) -> Iterator[Attention]:
    """The attention of a file over four axes: batch, head, token and feature."""
    sites = {(each.start, each.end): each for each in parsed.facts(CallSite)}
    if not any(map(_may_be_one, sites.values())):
        return  # no function has to be read for that
    for fact in parsed.facts(HandWrittenAttention):
        matched, read = fact.matched, fact.read
        ends = matched.scores.base, matched.product
        scores, values = (_site(each, fact, sites) for each in ends)
        if scores is None and values is None:
            continue
        forms = _forms(matched)
        if forms and not _is_seen(matched, read) and _has_plain_axes(matched, read):
            yield Attention(scores, values, forms, _layout_of(matched, read))


def _may_be_one(site: CallSite) -> bool:
    """Whether a call may be one of the two products, by its equation."""
    text = site.arguments.equation
    if text is None:
        return True
    try:
        equation = parse(text)
    except EquationError:
        return False
    if len(equation.inputs) != 2:
        return False
    return ELLIPSIS in equation.output or any(_is_plain(equation, each) for each in (True, False))


def _site(
    term: Term, fact: HandWrittenAttention, sites: dict[tuple[int, int], CallSite]
) -> CallSite | None:
    node = fact.read.recorder.nodes.get(term)
    return sites.get(fact.read.file.lines.extent(node)) if isinstance(node, ast.Call) else None


def _is_seen(matched: Matched, read: Read) -> bool:
    """Whether somebody else uses what is between: the compiler keeps what is wanted elsewhere."""
    inside = {*matched.terms}
    between = inside - {matched.product}
    return any(not read.users.get(each, {}).keys() <= inside for each in between)


# ---- the axes


def _has_plain_axes(matched: Matched, read: Read) -> bool:
    """Whether they are `q @ k.transpose(-2, -1)` and `w @ v` of four axes, as einsum or not."""
    if matched.query.place or not matched.value.place or not matched.is_upright:
        return False
    first, second = matched.scores.base.detail, matched.product.detail
    assert isinstance(first, Equation)
    assert isinstance(second, Equation)
    return all(
        _is_plain(equation, is_turned) if ELLIPSIS not in equation.output else known
        for equation, is_turned, known in (
            (first, True, _is_matmul(matched, read) and _is_turned(matched.key.term)),
            (second, False, _is_matmul(matched, read)),
        )
    )


def _is_plain(equation: Equation, is_turned: bool) -> bool:
    """Whether it is `abid,abjd->abij`, or `abij,abjd->abid`, whatever the labels are."""
    (left, right), output = equation.inputs, equation.output
    if any(len(term) != _AXES or len({*term}) != _AXES for term in (left, right, output)):
        return False
    if not left[:2] == right[:2] == output[:2]:
        return False
    (i, k), (one, other) = left[2:], right[2:]
    kept, summed = (one, other) if is_turned else (other, one)
    return summed == k and output[2:] == (i, kept)


def _is_matmul(matched: Matched, read: Read) -> bool:
    """Whether the operands are known to have four axes."""
    operands = matched.query, matched.key, matched.value
    return all(read.rank(each.term, matched.product) == _AXES for each in operands)


def _is_turned(keys: Term) -> bool:
    """Whether the last thing done to the keys exchanges their last two axes."""
    if keys.operator not in ("transpose", "swapaxes", "swapdims") or len(keys.operands) != 3:
        return False
    return {(each.integer or 0) % _AXES for each in keys.operands[1:]} == {_AXES - 2, _AXES - 1}


def _layout_of(matched: Matched, read: Read) -> Layout | None:
    """How query, key and value lie in memory, if they lie alike."""
    equation = matched.scores.base.detail
    is_einsum = isinstance(equation, Equation) and ELLIPSIS not in equation.output
    key = matched.key.term if is_einsum else matched.key.term.operands[0]
    layouts = {_layout(each) for each in (matched.query.term, key, matched.value.term)}
    return layouts.pop() if len(layouts) == 1 else None


def _layout(term: Term) -> Layout | None:
    if term.operator in ("transpose", "permute", "swapaxes", "rearrange"):
        orders = own_permutations(term, _AXES)
        return Layout.TRANSPOSED if orders == ((_EXCHANGED,),) else None
    if term.operator in _CONTIGUOUS:
        return Layout.CONTIGUOUS
    is_parameter = isinstance(term.detail, Free) and isinstance(term.detail.group, _FUNCTIONS)
    return Layout.GIVEN if is_parameter else None


# ---- the steps


def _forms(matched: Matched) -> frozenset[Form]:
    """All that the steps may be; none where one of them has no name in a form."""
    steps = (*matched.scores.steps, *matched.weights.steps)
    tests = dict.fromkeys(choice for done in steps for choice, _ in done.tests)
    if len(tests) > _MOST_TESTS or matched.weights.base is not matched.softmax:
        return frozenset()
    forms: set[Form] = set()
    for held in product((True, False), repeat=len(tests)):
        taken = dict(zip(tests, held, strict=True))
        before, behind = _form(matched.scores.steps, taken), _form(matched.weights.steps, taken)
        softmax = _softmax(matched.softmax)
        if before is None or behind is None or not softmax:
            return frozenset()
        if any(each not in (Step.CAST, Step.DROPOUT) for each in behind):
            return frozenset()
        forms.add((*before, *softmax, *behind))
    return frozenset(forms)


def _form(steps: tuple[Done, ...], taken: dict[Term, bool]) -> Form | None:
    there = [each for each in steps if all(taken[choice] is holds for choice, holds in each.tests)]
    named = [_step(each) for each in there]
    known = tuple(each for each in named if each is not None)
    return known if len(known) == len(named) else None


def _step(done: Done) -> Step | None:
    other = done.other
    is_number = other is not None and is_scalar(other)
    match done.step:
        case Deed.SCALE if is_number:
            return Step.MUL
        case Deed.DIVIDE if is_number:
            return Step.DIV
        case Deed.ADD if other is not None and not is_number and not done.place:
            return Step.ADD
        case Deed.CAST:
            return Step.FLOAT32 if _is_to_float32(done.term) else Step.CAST
        case Deed.DROPOUT if done.term.operator == APPLY or _is_in_training_only(done.term):
            return Step.DROPOUT
    return _STEPS.get(done.step)


def _is_to_float32(term: Term) -> bool:
    dtypes = [str(each.detail) for each in term.operands[1:]]
    return name_of_step(term) == "float" or (len(dtypes) == 1 and dtypes[0] in _SINGLE)


def _is_in_training_only(term: Term) -> bool:
    """Whether a dropout of the functional interface stops where the module is evaluated."""
    training = term.keywords.get("training") or next(iter(term.positional[2:]), None)
    return training is not None and not training.is_constant(True)


def _softmax(term: Term) -> Form:
    """The steps of a softmax; none if it is another one than torch's."""
    made = term.operands[0] if term.operator == APPLY else term
    if name_of_step(term) not in ("softmax", "Softmax") or {*made.names} - {"dim", "dtype"}:
        return ()
    dtype = made.keywords.get("dtype")
    if dtype is None:
        return (Step.SOFTMAX,)
    return (Step.FLOAT32, Step.SOFTMAX) if str(dtype.detail) in _SINGLE else ()
