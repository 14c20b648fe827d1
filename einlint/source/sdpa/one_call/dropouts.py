"""The dropout of the weights: the text of `dropout_p`, and what it computes."""

import ast
from collections.abc import Iterator
from typing import Final

from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.members import DROPOUT_OR_IDENTITY
from einlint.source.sdpa.one_call.keys import Keys
from einlint.source.sdpa.one_call.mask_proof import asked, asked_in, asked_once, conditions_of
from einlint.source.sdpa.one_call.masks import condition_of
from einlint.source.sdpa.steps import Done
from einlint.source.sdpa.texts import UnwritableError, Words, operands_of
from einlint.source.terms import APPLY, ATTRIBUTE, CALL, CHOICE, CONSTANT, LAYER, Term

_UNKNOWN: Final = "the dropout is written in a way that is not known"
_NAMES: Final = ("input", "p", "training")


def dropout_text(done: Done | None, words: Words) -> str:
    """The text of `dropout_p`; empty if nothing is dropped.

    Raises:
        UnwritableError: it has none; the message says why.
    """
    if done is None:
        return ""
    node = words.read.recorder.nodes.get(done.term)
    if not isinstance(node, ast.Call):
        raise UnwritableError("the dropout is computed by another function")
    conditions = [tested(*each, words) for each in reversed(done.tests)]
    inside = words.where(done.tests)
    if done.term.operator == APPLY:
        chance, training = _of_layer(node, done.term.operands[0], inside)
    else:
        chance, training = _of_function(node, done.term, inside)
    if not chance:
        return ""
    conditions += [training] if training else []
    return f"{chance} if {' and '.join(conditions)} else 0.0" if conditions else chance


def tested(choice: Term, holds: bool, words: Words) -> str:
    """The text of the test of a choice, or of its opposite, as a part of `and`."""
    text = condition_of(choice, words)
    if not holds:
        return f"not ({text})"
    match ast.parse(text, mode="eval").body:
        case ast.BoolOp(op=ast.Or()) | ast.IfExp() | ast.Lambda():
            return f"({text})"
    return text


def _of_layer(node: ast.Call, layer: Term, words: Words) -> tuple[str, str]:
    """The chance of a module, and whether it is in training."""
    owner = words.read.recorder.inner.get(layer)
    if layer.operator == LAYER and isinstance(node.func, ast.Name | ast.Attribute):
        module = words.of(node.func, layer)[0] + (f"[{owner}]" if owner is not None else "")
        is_sure = layer.detail != DROPOUT_OR_IDENTITY
        chance = f"{module}.p" if is_sure else f'getattr({module}, "p", 0.0)'
        return chance, f"{module}.training"
    match node.func:
        case ast.Call(args=[p], keywords=[]) if owner is None:
            return words.of(p, layer.operands[0])[0], ""  # a new module is in training
    raise UnwritableError("the dropout is made in a way that is not known")


def _of_function(node: ast.Call, term: Term, words: Words) -> tuple[str, str]:
    """`F.dropout(weights, p, training)`, in training unless said otherwise."""
    if isinstance(node.func, ast.Name) and words.read.recorder.path(node.func) is None:
        raise UnwritableError(f"`{node.func.id}` is not seen to be a dropout")
    if term.operator == IN_PLACE or len(term.positional) > 3 or "inplace" in term.names:
        raise UnwritableError(_UNKNOWN)
    if any(each.arg is None for each in node.keywords):
        raise UnwritableError(_UNKNOWN)  # `**options`
    operands = operands_of(node, term, words.read)
    pairs = dict(_arguments(term, operands))
    p_node, p = pairs.get("p", (None, None))
    chance = "0.5" if p_node is None or p is None else words.of(p_node, p)[0]
    training_node, training = pairs.get("training", (None, None))
    if training is None or training_node is None or training.is_constant(True):
        return chance, ""
    if training.is_constant(False):
        return "", ""
    return chance, words.of(training_node, training)[0]


def _arguments(term: Term, nodes: list[ast.expr]) -> Iterator[tuple[str, tuple[ast.expr, Term]]]:
    names = [*_NAMES[: len(term.positional)], *term.names]
    for name, node, each in zip(names, nodes, term.operands, strict=False):
        yield name, (node, each)


# ---- what it computes


def expected_dropout(done: Done | None, keys: Keys) -> object:
    """What a chain drops: how often, and where which tests hold; None if nothing."""
    if done is None:
        return None
    term = done.term
    tests = [*asked_in(done, keys)]
    if term.operator == APPLY:
        layer = term.operands[0]
        node = keys.read.recorder.nodes.get(layer)
        if layer in keys.told.members or node is None:
            return ("module", keys.of(layer), frozenset(tests))
        chance = ("chance", keys.of(layer.operands[0]), frozenset(tests))
        return chance if layer.operands else None
    named = dict(zip(_NAMES, term.positional, strict=False)) | term.keywords
    p, training = named.get("p"), named.get("training")
    if training is not None and training.is_constant(False):
        return None
    module = None if p is None else _module_of(p)
    if module is not None and training is not None and _is_training(training, module):
        return ("module", keys.of(module), frozenset(tests))  # as of a module that is called
    if training is not None and not training.is_constant(True):
        tests += asked(training, keys)
    while p is not None and _is_or_nothing(p):
        tests += asked(p.operands[0], keys)
        p = p.operands[1]
    return ("chance", "0.5" if p is None else keys.of(p), frozenset(tests))


def found_dropout(term: Term | None, keys: Keys) -> object:
    """What the argument of a call drops."""
    if term is None:
        return None
    if term.operator != CHOICE:
        return ("chance", "0.5" if term.is_constant(0.5) else keys.of(term), frozenset())
    test, p, otherwise = term.operands
    if otherwise.detail != 0.0:
        return "?"
    conditions = list(conditions_of(test))
    module = _module_of(p)
    asked = next((each for each in conditions if module and _is_training(each, module)), None)
    if module is not None and asked is not None:
        conditions.remove(asked)
        return ("module", keys.of(module), frozenset(asked_once(each, keys) for each in conditions))
    while _is_or_nothing(p):
        conditions += conditions_of(p.operands[0])
        p = p.operands[1]
    return ("chance", keys.of(p), frozenset(asked_once(each, keys) for each in conditions))


def _is_or_nothing(p: Term) -> bool:
    """Whether a chance is 0 where a test does not hold: `p if self.training else 0.0`."""
    return p.operator == CHOICE and p.operands[2].operator == CONSTANT and p.operands[2].detail == 0


def _module_of(p: Term) -> Term | None:
    """The module whose `p` it is; a module without one drops nothing."""
    if p.operator == ATTRIBUTE and p.detail == "p":
        return p.operands[0]
    if p.operator == CALL and p.detail == "getattr" and len(p.operands) == 3:
        module, name, otherwise = p.operands
        is_known = name.detail == "p" and otherwise.detail == 0.0
        return module if is_known and module.operator == LAYER else None
    return None


def _is_training(term: Term, module: Term) -> bool:
    return term.operator == ATTRIBUTE and term.detail == "training" and term.operands[0] is module
