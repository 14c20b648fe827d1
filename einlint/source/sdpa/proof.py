"""The proof of a replacement: the new text is read again, and must compute the same.

Everything that leaves the function must be computed from equal terms, with attention as one node
whose query, key, value, mask with its polarity, scale and dropout are those of the old chain.
"""

import builtins
from collections import Counter
from dataclasses import dataclass
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.source.sdpa.axes import before, is_spread, spread, view_of
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.keys import Keys, Table
from einlint.source.sdpa.matching import FEATURE, KEY, QUERY, VALUE, Matched, Operand
from einlint.source.sdpa.parts import Mask, Parts
from einlint.source.sdpa.recorded import FUSED, Read
from einlint.source.sdpa.steps import Done, Step
from einlint.source.sdpa.values import is_asked_for, value_of
from einlint.source.terms import APPLY, ATTRIBUTE, CALL, CHOICE, CONSTANT, OPAQUE, Term

_MOST_VIEWS: Final = 12
_TESTS: Final = ("test",)
_CAUSAL: Final = "causal"


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
        parts = _expected(self.matched, self.parts, Keys.of_reading(self.old, table, product))
        if parts != self._found(call, Keys.of_reading(self.new, table, call)):
            return False
        labels: Subscripts = (*_batch(self.matched), QUERY, VALUE)
        one = Keys.of_reading(self.old, table, product, (parts, self.matched.output))
        other = Keys.of_reading(self.new, table, call, (parts, labels))
        is_same = _leaving(one, tests=False) == _leaving(other, tests=False)
        return is_same and not _leaving(other, tests=True) - _leaving(one, tests=True)

    def _found(self, call: Term, keys: Keys) -> tuple[object, ...]:
        """What the call computes."""
        matched, parts = self.matched, self.parts
        known = {"attn_mask", "dropout_p", "scale", "is_causal"}
        if len(call.positional) != 3 or {*call.names} - known:
            return ("?",)
        query, key, value = call.positional
        on_query: list[object] = []
        for _ in parts.on_query:
            if query.operator not in ("mul", "div") or len(query.operands) != 2:
                return ("?",)
            is_above = query.operator == "mul"
            on_query += _factors_of(query.operands[1], keys, is_above=is_above)
            query = query.operands[0]
        named = call.keywords
        scale = named.get("scale")
        return (
            _normal(query, self._labels(matched.query, (QUERY, FEATURE)), keys),
            _normal(key, self._labels(matched.key, (KEY, FEATURE)), keys),
            _normal(value, self._labels(matched.value, (KEY, VALUE)), keys),
            _frozen(Counter(on_query)),
            _frozen(Counter(_masks(named.get("attn_mask"), named.get("is_causal"), parts, keys))),
            _chance(named.get("dropout_p"), keys),
            None if scale is None else _frozen(Counter(_factors_of(scale, keys, is_above=True))),
        )

    def _labels(self, operand: Operand, last: Subscripts) -> Subscripts:
        """The axes of what is written for an operand."""
        own = {each for each in operand.labels if each not in last}
        if own == {ELLIPSIS} or all(map(is_spread, own)):
            rank = 4 if operand.takes_four_axes(self.old) else None
            return spread((ELLIPSIS, *last), rank) if own else last
        batch = self.matched.batch
        first = next((place for place, each in enumerate(batch) if each in own), len(batch))
        return (*batch[first:], *last)


def _is_fused(term: Term) -> bool:
    return term.operator == CALL and str(term.detail) == f"torch.nn.functional.{FUSED}"


def _leaving(keys: Keys, *, tests: bool) -> Counter[object]:
    sinks = [each for each in keys.read.sinks if (each.operator in _TESTS) is tests]
    return Counter(
        (each.operator, str(each.detail), tuple(keys.of(part) for part in each.operands))
        for each in sinks
    )


def _batch(matched: Matched) -> Subscripts:
    if ELLIPSIS in matched.output:
        own = {QUERY, KEY, FEATURE, VALUE}
        return tuple(each for each in matched.output if each not in own)
    return matched.batch


# ---- what the chain computes


def _expected(matched: Matched, parts: Parts, keys: Keys) -> tuple[object, ...]:
    operands = [_operand(each, keys) for each in (matched.query, matched.key, matched.value)]
    scale = Counter(_factors(parts.numbers, keys))
    on_query = Counter(_factors(parts.on_query, keys))
    is_one = len(parts.masks) == 1
    masks = Counter(_mask(each, keys, is_one=is_one) for each in parts.masks)
    if is_causal(matched, parts, keys.read):
        masks = Counter([_CAUSAL])
    dropout = _dropped(parts.dropout, keys)
    return (*operands, _frozen(on_query), _frozen(masks), dropout, _frozen(scale))


def _frozen(counter: Counter[object]) -> frozenset[object]:
    return frozenset(counter.items())


def _operand(operand: Operand, keys: Keys) -> object:
    return _normal(operand.term, operand.labels, keys)


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
        if done.other is not None:
            found += _factors_of(done.other, keys, is_above=done.step is Step.SCALE)
    return found


def _factors_of(term: Term, keys: Keys, *, is_above: bool) -> list[object]:
    match term.operator, term.operands:
        case "mul", [one, other]:
            return _factors_of(one, keys, is_above=is_above) + _factors_of(
                other, keys, is_above=is_above
            )
        case "div", [one, other]:
            return _factors_of(one, keys, is_above=is_above) + _factors_of(
                other, keys, is_above=not is_above
            )
    if term.operator == CONSTANT and term.detail in (1, 1.0):
        return []
    return [(is_above, keys.of(term))]


def _mask(mask: Mask, keys: Keys, *, is_one: bool) -> object:
    tests = tuple((keys.of(choice.operands[0]), holds) for choice, holds in mask.done.tests)
    keys = keys.where(dict(tests))
    if mask.keeps is None:
        body: tuple[object, ...] = ("add", mask.is_subtracted, keys.of(mask.term))
    else:
        body = ("bool", *_of_condition(mask.term, keys, keeps=mask.keeps))
    subject, is_turned = _plain(mask.term)
    is_as_it_is = not mask.is_subtracted if mask.keeps is None else mask.keeps is not is_turned
    if is_one and is_as_it_is and len(tests) == 1 and _is_own_test(*mask.done.tests[0], subject):
        tests = ()  # without the mask, None is passed
    return (*body, tests)


def _of_condition(term: Term, keys: Keys, *, keeps: bool) -> tuple[object, ...]:
    """A boolean by what it compares, and whether it is true where attention is paid."""
    condition, is_turned = _plain(term)
    keeps = keeps is not is_turned
    if condition.operator == OPAQUE and condition.detail in ("Eq", "NotEq"):
        operands = tuple(keys.of(each) for each in condition.operands)
        return ("equal", operands, keeps is (condition.detail == "Eq"))
    return ("value", keys.of(condition), keeps)


def _plain(term: Term) -> tuple[Term, bool]:
    """A condition without its negations, and whether their number is odd."""
    is_turned = False
    while term.operator == "bitwise_not" and term.operands:
        term, is_turned = term.operands[0], not is_turned
    return term, is_turned


def _is_own_test(choice: Term, holds: bool, mask: Term) -> bool:
    """Whether a branch asks if there is the mask at all."""
    test = choice.operands[0]
    is_asked = test.operator == OPAQUE and test.detail == ("IsNot" if holds else "Is")
    return is_asked and test.operands[0] is mask and test.operands[1].is_constant(None)


def _dropped(done: Done | None, keys: Keys) -> object:
    if done is None:
        return None
    term = done.term
    if term.operator == APPLY:
        layer = term.operands[0]
        node = keys.read.recorder.nodes.get(layer)
        if layer in keys.told.members or node is None:
            return ("module", keys.of(layer))
        return ("chance", keys.of(layer.operands[0])) if layer.operands else None
    named = dict(zip(("input", "p", "training"), term.positional, strict=False)) | term.keywords
    p, training = named.get("p"), named.get("training")
    chance: object = "0.5" if p is None else keys.of(p)
    if training is None or training.is_constant(True):
        return ("chance", chance)
    if training.is_constant(False):
        return None
    return ("chance", chance, keys.of(training))


# ---- what the call computes


def _masks(term: Term | None, causal: Term | None, parts: Parts, keys: Keys) -> list[object]:
    if causal is not None:
        return ["?"] if term is not None or not causal.is_constant(True) else [_CAUSAL]
    if term is None:
        return []
    added = sum(each.keeps is None for each in parts.masks)
    kept = len(parts.masks) - added
    if not parts.masks:
        return ["?"]
    if len(parts.masks) == 2 and not (added and kept) and term.operator == CHOICE:
        return _pair(term, keys, is_added=added > 0)
    if not added or not kept:
        return _several(term, keys, added or kept, is_added=added > 0)
    if str(term.detail) != "torch.where" or len(term.positional) != 3:
        return ["?"]
    condition, bias, low = term.operands
    if value_of(low) != float("-inf"):
        return ["?"]
    return [
        *_several(condition, keys, kept, is_added=False),
        *_several(bias, keys, added, is_added=True),
    ]


def _several(term: Term, keys: Keys, count: int, *, is_added: bool) -> list[object]:
    many = [term]
    while len(many) < count:
        first = many[0]
        is_joint = first.operator == "add" if is_added else first.detail == "BitAnd"
        if not is_joint or len(first.operands) != 2:
            return ["?"]
        many[:1] = first.operands
    if count > 1:
        return [(*_body(each, keys, is_added=is_added), ()) for each in many]
    return [_one(each, keys, is_added=is_added) for each in many]


def _one(term: Term, keys: Keys, *, is_added: bool) -> object:
    tests: list[tuple[int, bool]] = []
    while term.operator == CHOICE:
        test, one, other = term.operands
        holds = other.is_constant(None) or is_asked_for(test, other)
        if not holds and not one.is_constant(None):
            break
        asked = keys.of(test)
        tests.insert(0, (asked, holds))
        keys = keys.where({asked: holds})
        term = one if holds else other
    return (*_body(term, keys, is_added=is_added), tuple(tests))


def _body(term: Term, keys: Keys, *, is_added: bool) -> tuple[object, ...]:
    if not is_added:
        return ("bool", *_of_condition(term, keys, keeps=True))
    is_subtracted = term.operator == "neg"
    return ("add", is_subtracted, keys.of(term.operands[0] if is_subtracted else term))


def _pair(term: Term, keys: Keys, *, is_added: bool) -> list[object]:
    """Two masks of which one, or each, is there only where a test holds.

    `(x + y if b else x) if a else y if b else None`, or `x + y if a else y`.
    """
    test, one, other = term.operands
    is_each = one.operator == CHOICE
    second, both, alone = one.operands if is_each else (None, one, other)
    is_joint = both.operator == "add" if is_added else both.detail == "BitAnd"
    if not is_joint or len(both.operands) != 2:
        return ["?"]
    left, right = both.operands
    tests = [(keys.of(each), True) for each in (test, second) if each is not None]
    inside = keys.where(dict(tests[:1]))
    first = _body(left, inside, is_added=is_added)
    rest = _body(right, keys.where(dict(tests[1:])), is_added=is_added)
    if second is None:
        is_same = rest == _body(other, keys, is_added=is_added)
    else:
        without = _one(other, keys, is_added=is_added)
        is_own = is_asked_for(second, other) and without == (*rest, ())
        is_same = first == _body(alone, inside, is_added=is_added)
        is_same = is_same and (is_own or without == (*rest, tuple(tests[1:])))
    return [(*first, tuple(tests[:1])), (*rest, tuple(tests[1:]))] if is_same else ["?"]


def _chance(term: Term | None, keys: Keys) -> object:
    if term is None:
        return None
    if term.operator != CHOICE:
        return ("chance", "0.5" if term.is_constant(0.5) else keys.of(term))
    test, p, otherwise = term.operands
    if otherwise.detail != 0.0:
        return "?"
    is_module = p.operator == ATTRIBUTE == test.operator and p.detail == "p"
    if is_module and test.detail == "training" and p.operands[0] is test.operands[0]:
        return ("module", keys.of(p.operands[0]))
    return ("chance", keys.of(p), keys.of(test))
