"""The proof of a replacement: the new text is read again, and must compute the same.

Everything that leaves the function must be computed from equal terms, with attention as one node
whose query, key, value, mask with its polarity, scale and dropout are those of the old chain.
"""

import ast
import builtins
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from typing import Final, TypeAlias

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.source.sdpa.axes import before, is_spread, spread, view_of
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.heads import Repeated
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched, Operand
from einlint.source.sdpa.of_scores.checks import checks_of
from einlint.source.sdpa.one_call.argument_proof import Zeros, argument_cases, zeros_of
from einlint.source.sdpa.one_call.dropouts import expected_dropout, found_dropout
from einlint.source.sdpa.one_call.keys import Key, Keys, Table, positive
from einlint.source.sdpa.one_call.mask_proof import Cases, asked_in, cases_of, factors_of
from einlint.source.sdpa.one_call.removing import needed_terms
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import FUSED
from einlint.source.sdpa.steps import Done, Step
from einlint.source.terms import CALL, SIZE, Term, constant

_MOST_VIEWS: Final = 12
# What asks or casts, and may be gone with all that depended on it.
_TESTS: Final = ("test", "autocast")
_CAUSAL: Final = "causal"
# What leaves a function: how, and the keys of it.
Leaving: TypeAlias = Counter[tuple[str, str, tuple[Key, ...]]]


@dataclass(frozen=True, slots=True)
class Claim:
    """That an attention of the old reading is what a call of the new one computes."""

    matched: Matched
    parts: Parts
    old: Read
    new: Read

    def holds(self) -> bool:
        """Whether one call more computes the attention, and all that leaves is the same."""
        calls = [each for each in self.new.users if _is_fused(each)]
        before_it = sum(map(_is_fused, self.old.users))
        more = self.new.recorder.unbound.keys() - self.old.recorder.unbound.keys()
        if not more <= vars(builtins).keys():
            return False  # a name is read that nothing binds any longer
        return len(calls) == before_it + 1 and any(map(self._holds_for, calls))

    def _holds_for(self, call: Term) -> bool:
        table: Table = {}
        product = self.matched.product
        needed = needed_terms(self.matched, self.parts, self.old)
        keys = Keys.of_reading(self.old, table, product, needed=needed)
        masks = _expected_masks(self.matched, self.parts, keys)
        parts = (*_expected(self.matched, self.parts, keys), masks)
        asked = masks, zeros_of(self.matched, self.parts, keys)
        if masks is None or parts != self._found(
            call, *asked, Keys.of_reading(self.new, table, call)
        ):
            return False
        labels: Subscripts = (*_batch(self.matched), QUERY, VALUE)
        node = (parts, self.matched.output)
        one = Keys.of_reading(self.old, table, product, node, needed)
        other = Keys.of_reading(self.new, table, call, (parts, labels))
        gone = checks_of(self.matched, self.old).keys()
        before_it, behind_it = (
            _leaving(one, tests=False, gone=gone),
            _leaving(other, tests=False),
        )
        is_same = not before_it - behind_it and all(map(_is_forgotten, behind_it - before_it))
        return is_same and not _leaving(other, tests=True) - _leaving(one, tests=True)

    def _found(
        self, call: Term, masks: Cases | str | None, zeros: Zeros | None, keys: Keys
    ) -> tuple[object, ...]:
        """What the call computes."""
        matched, parts = self.matched, self.parts
        known = {"attn_mask", "dropout_p", "scale", "is_causal", "enable_gqa"}
        if len(call.positional) != 3 or {*call.names} - known:
            return ("?",)
        query, key, value = call.positional
        named = call.keywords
        scale = None
        if parts.has_scale and "scale" in named:
            scale = factors_of(named["scale"], keys, is_above=True)
        elif not parts.has_scale and "scale" not in named:
            query, scale = _unscaled(query, keys)
        query, on_query = _unfactored(query, parts.on_query, keys)
        value, on_value = _unfactored(value, parts.on_value, keys)
        return (
            _normal(query, self._labels(matched.query, (QUERY, FEATURE)), keys),
            _normal(key, self._labels(matched.key, (KEY, FEATURE)), keys),
            _normal(value, self._labels(matched.value, (KEY, VALUE)), keys),
            "enable_gqa" in named and (named["enable_gqa"].is_constant(True) or "?"),
            on_query,
            on_value,
            found_dropout(named.get("dropout_p"), keys),
            None if scale is None else _frozen(Counter(scale)),
            _masks(named.get("attn_mask"), named.get("is_causal"), masks, zeros, keys),
        )

    def _labels(self, operand: Operand, last: Subscripts) -> Subscripts:
        """The axes of what is written for an operand."""
        own = {each for each in operand.labels if each not in last}
        if own == {ELLIPSIS} or all(map(is_spread, own)):
            known = self.old.rank(operand.term, operand.product)
            rank = operand.taken_axes(self.old) or known
            return spread((ELLIPSIS, *last), rank) if own else last
        batch = self.matched.batch
        first = next((place for place, each in enumerate(batch) if each in own), len(batch))
        return (*batch[first:], *last)


def _unscaled(term: Term, keys: Keys) -> tuple[Term, list[object] | None]:
    """A query, and what scales its scores, in a call that divides by the root of its features."""
    if term.operator != "mul" or len(term.operands) != 2:
        return term, None
    query, factor = term.operands
    base = query
    for _ in range(_MOST_VIEWS):
        if base.operator not in ("mul", "div") or not base.operands:
            break
        base = base.operands[0]
    size = Term(SIZE, (base,), detail=-1)
    root = (True, keys.of(Term("pow", (size, constant(0.5)))))
    factors = factors_of(factor, keys, is_above=True)
    if root not in factors:
        return term, None
    factors.remove(root)
    return query, factors


def _unfactored(term: Term, steps: list[Done], keys: Keys) -> tuple[Term, object]:
    """A value without as many factors as there are steps, and these."""
    found: list[object] = []
    for _ in steps:
        if term.operator not in ("mul", "div") or len(term.operands) != 2:
            return term, "?"
        found += factors_of(term.operands[1], keys, is_above=term.operator == "mul")
        term = term.operands[0]
    return term, _frozen(Counter(found))


def _is_fused(term: Term) -> bool:
    return term.operator == CALL and str(term.detail) == f"torch.nn.functional.{FUSED}"


def _leaving(keys: Keys, *, tests: bool, gone: Set[Term] = frozenset()) -> Leaving:
    """What leaves a function, in tests or elsewhere; gone: in checks that a fix takes out."""
    sinks = [each for each in keys.read.sinks if (each.operator in _TESTS) is tests]
    sinks = [each for each in sinks if each not in gone]
    return Counter(
        (
            each.operator,
            str(each.detail),
            tuple(keys.of(_asked(part, keys) if tests else part) for part in each.operands),
        )
        for each in sinks
    )


def _asked(test: Term, keys: Keys) -> Term:
    """The test of an `if`, whose branches are compared by what they compute, without its sign."""
    node = keys.read.recorder.nodes.get(test)
    parent = None if node is None else keys.read.file.bound.parents.get(node)
    return positive(test)[0] if isinstance(parent, ast.If) else test


def _is_forgotten(leaving: tuple[str, str, tuple[Key, ...]]) -> bool:
    """Whether it only says what a name may stand for behind a loop, which nobody may read there.

    Where that is read, it is a part of what else leaves the function, and is compared as such.
    """
    return leaving[0] == "forgotten"


def _batch(matched: Matched) -> Subscripts:
    if ELLIPSIS in matched.output:
        own = {QUERY, KEY, FEATURE, VALUE}
        return tuple(each for each in matched.output if each not in own)
    return matched.batch


# ---- what the chain computes


def _expected(matched: Matched, parts: Parts, keys: Keys) -> tuple[object, ...]:
    rest = parts.heads or (matched.key, matched.value)
    operands = [_normal(each.term, _spread(each, keys), keys) for each in (matched.query, *rest)]
    scale = Counter(_factors(parts.numbers, keys))
    factors = [_frozen(Counter(_factors(e, keys))) for e in (parts.on_query, parts.on_value)]
    dropout = expected_dropout(parts.dropout, keys)
    has_groups = parts.heads is not None
    return (*operands, has_groups, *factors, dropout, _frozen(scale))


def _spread(operand: Operand | Repeated, keys: Keys) -> Subscripts:
    """The axes of an operand, with those of an ellipsis where their number is known."""
    if isinstance(operand, Repeated):
        return operand.labels
    return spread(operand.labels, keys.read.rank(operand.term, operand.product))


def _expected_masks(matched: Matched, parts: Parts, keys: Keys) -> Cases | str | None:
    if is_causal(matched, parts, keys.read):
        return _CAUSAL
    return cases_of(parts.masks, keys)


def _frozen(counter: Counter[object]) -> frozenset[object]:
    return frozenset(counter.items())


def _normal(term: Term, labels: Subscripts, keys: Keys) -> object:
    """A value below its views, and the order of the axes that they make of it."""
    for _ in range(_MOST_VIEWS):
        view = view_of(term)
        if view is not None:
            ahead = before(view, labels, keys.read.rank(term, keys.at))
            if ahead is None:
                break
            labels = ahead
        elif term.operator == "unsqueeze" and len(term.operands) == 2:
            place = term.operands[1].integer
            rest = None if place is None else _without(labels, place)
            if rest is None:
                break
            labels = rest
        elif term.operator != "contiguous":
            break
        term = term.operands[0]
    return keys.of(term), _shortened(labels)


def _without(labels: Subscripts, place: int) -> Subscripts | None:
    if not -len(labels) <= place < len(labels):
        return None
    at = place % len(labels)
    passed = labels[at:] if place < 0 else labels[: at + 1]
    if ELLIPSIS in passed or labels[at] in (QUERY, KEY, FEATURE, VALUE):
        return None
    return labels[:at] + labels[at + 1 :]


def _shortened(labels: Subscripts) -> Subscripts:
    """The labels, with axes of an ellipsis in their own order as one."""
    many = [each for each in labels if is_spread(each)]
    if many != sorted(many) or not many:
        return labels
    at = labels.index(many[0])
    if labels[at : at + len(many)] != tuple(many):
        return labels
    return (*labels[:at], ELLIPSIS, *labels[at + len(many) :])


def _factors(steps: list[Done], keys: Keys) -> list[object]:
    found: list[object] = []
    for done in steps:
        is_above = done.step is Step.SCALE
        if done.other is not None and done.tests:
            factors = _frozen(Counter(factors_of(done.other, keys, is_above=True)))
            found.append(("if", frozenset(asked_in(done, keys)), factors, is_above))
        elif done.other is not None:
            found += factors_of(done.other, keys, is_above=is_above)
    return found


# ---- what the call computes


def _masks(
    term: Term | None,
    causal: Term | None,
    masks: Cases | str | None,
    zeros: Zeros | None,
    keys: Keys,
) -> object:
    """What masks the scores, if it can be compared with what is expected."""
    if causal is not None:
        return "?" if term is not None or not causal.is_constant(True) else _CAUSAL
    return argument_cases(term, masks, zeros, keys) if isinstance(masks, Cases) else "?"
