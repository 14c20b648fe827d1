"""What calls do to the scores and weights in the values that they are given."""

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from einlint.algebra.equation import ELLIPSIS
from einlint.source.attention.following.forms import Product, Softmax, integer, integers
from einlint.source.attention.following.values import (
    BEFORE_LAST,
    LAST,
    NOTHING,
    UNREAD,
    Trace,
    Value,
    axes_alone,
    computed,
)
from einlint.source.names import last_name
from einlint.source.sdpa.steps import AFTER, BETWEEN

# What they make has nothing of the scores that attention would use.
_ASKING = (
    "size dim numel sum max min amax amin argmax argmin argsort sort norm log log_softmax loss "
    "zeros_like ones_like empty_like full_like rand_like randn_like isnan isinf isfinite any all "
    "len range isinstance print format str item tolist shape is_cuda get_device is_contiguous "
    "stride ndimension logsumexp new_zeros new_ones new_empty new_full new_tensor multinomial "
    "bernoulli eq ne lt le gt ge backward cumsum nonzero unique histc diagonal trace det"
)
_NOTHING_LEFT: Final = frozenset(_ASKING.split())
_AXES_MOVED = (
    "view reshape flatten unflatten rearrange stack cat concat repeat view_as squeeze squeeze_ "
    "fold unfold gather index_select chunk split movedim moveaxis reduce mean topk unbind pad take"
)
_RESHAPING: Final = frozenset(_AXES_MOVED.split())
# What they make of a parameter is the parameter still.
_SAME = (
    "view reshape unsqueeze squeeze expand repeat rearrange to float half permute type_as "
    "contiguous detach clone t flatten normalize unflatten cuda type expand_as double "
    "repeat_interleave index_select transpose swapaxes swapdims transpose_"
)
_VIEWS: Final = frozenset(_SAME.split())
_LOSS: Final = re.compile(r"loss|entropy|kl_?div|criterion|accuracy|metric|classif", re.IGNORECASE)
# Modules that make other features, and nobody mixes scores with.
_LAYER: Final = re.compile(r"mlp|ffn|feed|embed|lstm|gru|rnn|encod|decod|backbone", re.IGNORECASE)
_MOST_MODULES: Final = 1
_EXCHANGES: Final = frozenset({"transpose", "swapaxes", "swapdims", "transpose_"})
_KNOWN: Final = frozenset({*BETWEEN, *AFTER, *_EXCHANGES, "list", "tuple", "zip", "enumerate"})


def of_product(node: ast.expr, product: Product, one: Value, other: Value) -> Value:
    """The scores that a product makes, or what it leaves of those in its operands."""
    weights = (*one.weights, *other.weights)
    if one.weights and other.weights:
        return Value(weights)  # of another attention, as in Nystroem's
    if weights:
        return NOTHING
    if one.is_held or other.is_held:
        # What mixes scores is learned; so are the keys of a memory, and these make no scores.
        mixed = (each.past(node, UNREAD).reshaped() for each in (*one.traces, *other.traces))
        return Value(tuple(mixed))
    rank = product.rank
    free: frozenset[int] | None = frozenset({LAST, BEFORE_LAST})
    if product.equation is not None:
        output = product.equation.output
        free = axes_alone(product.equation.inputs, output)
        rank = None if ELLIPSIS in output else len(output)
        if not free:
            return NOTHING
    elif any(map(_is_matrix, product.operands)):
        rank = 2
    if product.words:
        rank, free = None, None
    trace = Trace(node, rank=rank, free=free)
    return Value((trace.past(node, product.words) if product.words else trace,))


def summed(node: ast.expr, product: Product, place: int, trace: Trace) -> Trace | None:
    """Weights that a product sums over their keys; None if it sums something else.

    place: which operand they are.
    """
    axis = trace.axis
    if trace.is_other:
        return None
    if product.words:
        return trace.past(node, product.words)
    if product.equation is None:
        wanted = LAST if place == 0 else BEFORE_LAST
        return trace if axis in (None, wanted) else None
    labels, output = product.equation.inputs[place], product.equation.output
    rest = product.equation.inputs[1 - place]
    if ELLIPSIS not in (*labels, *rest):
        is_one = sum(label not in output for label in labels) == 1
        if not is_one or not any(label in output and label not in labels for label in rest):
            return None  # a mean over rows, or a sum of the weights with one number each
    if axis is None or len(labels) < -axis or ELLIPSIS in labels[axis:]:
        return trace
    label = labels[axis]
    if label in output:
        return None
    return trace if label in rest else trace.past(node, "sums the {} alone, and no values")


def is_spread(node: ast.expr) -> bool:
    """Whether an operand gets an axis more, as weights do that are multiplied with features."""
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=parts)):
            return any(isinstance(each, ast.Constant) and each.value is None for each in parts[-1:])
        case ast.Call(func=ast.Attribute(attr="unsqueeze"), args=[axis]):
            return integer(axis) == LAST
    return False


def of_softmax(node: ast.Call, softmax: Softmax, operand: Value) -> Value:
    """The weights that a softmax makes of scores."""
    found: list[Trace] = []
    for each in operand.traces:
        if each.is_other:
            continue
        axis, rank = softmax.axis, each.rank
        if axis is not None and axis >= 0:
            if rank is None and axis == 0:
                continue
            fourth = LAST if axis == 3 else None
            axis = fourth if rank is None or axis >= rank else axis - rank
        if axis is not None and each.free is not None and axis not in each.free:
            continue
        weights = replace(each, softmax=each.softmax or node, free=None, axis=axis)
        if each.softmax is not None:
            weights = weights.past(node, UNREAD)
        elif softmax.words and each.odd is None:
            weights = replace(weights, odd=(node, softmax.words))
        found.append(weights)
    return Value(tuple(found)) if found else Value((Trace(node, node, is_other=True),))


def of_call(node: ast.Call, receiver: Value, given: Sequence[Value], *, is_own: bool) -> Value:
    """What a call that nobody reads leaves of the traces in what it is given.

    is_own: a method or a module of the class is called.
    """
    name = last_name(node.func)
    if name in _NOTHING_LEFT:
        return NOTHING
    value = computed((receiver, *given))
    if is_view(name) and not is_own and not value.traces:
        return Value(is_held=receiver.is_held or (bool(given) and given[0].is_held))
    if not value.traces or _LOSS.search(ast.unparse(node.func)) is not None:
        return NOTHING
    behind = [_behind(each, node, name, is_own=is_own) for each in value.traces]
    is_layer = is_own and _LAYER.search(name) is not None
    return Value(tuple(e for e in behind if e.modules <= _MOST_MODULES and not is_layer))


def is_view(name: str) -> bool:
    """Whether what it makes of a parameter is the parameter still."""
    return name in _VIEWS


def _behind(trace: Trace, node: ast.Call, name: str, *, is_own: bool) -> Trace:
    given = node.args
    is_function = not isinstance(node.func, ast.Attribute) or (
        isinstance(node.func.value, ast.Name) and node.func.value.id == "torch"
    )
    rest = given[1:] if is_function else given
    if is_own:
        if _is_dropout(node):
            return trace
        trace = replace(trace.past(node, UNREAD), modules=trace.modules + 1)
        return trace if "mask" in name.lower() else trace.reshaped()
    if name in _EXCHANGES:
        pair = integers(rest)
        places = (
            None if pair is None or len(pair) != 2 else tuple(_right(each, trace) for each in pair)
        )
        if places is not None and None not in places:
            return trace.exchanged(places[0] or 0, places[1] or 0)
        if pair in ((1, 2), (2, 1), (2, 3), (3, 2)):
            return trace.exchanged(LAST, BEFORE_LAST)
        return trace.reshaped()
    return _moved(trace, node, name, rest)


def _moved(trace: Trace, node: ast.Call, name: str, rest: list[ast.expr]) -> Trace:
    if name == "t":
        return trace.exchanged(LAST, BEFORE_LAST)
    if name == "permute":
        order = integers(rest)
        is_order = order is not None and sorted(each % len(order) for each in order) == [
            *range(len(order))
        ]
        return trace.permuted(order) if is_order and order is not None else trace.reshaped()
    if name == "unsqueeze":
        place = integer(rest[0]) if rest else None
        if place in (0, 1):
            return replace(trace, rank=None if trace.rank is None else trace.rank + 1)
        return trace.reshaped()
    if name in _RESHAPING:
        trace = trace.reshaped()
    return trace if name.rstrip("_") in _KNOWN else trace.past(node, UNREAD)


def _is_dropout(node: ast.Call) -> bool:
    return "drop" in last_name(node.func).lower()


def _right(axis: int, trace: Trace) -> int | None:
    if axis < 0:
        return axis
    return None if trace.rank is None else axis - trace.rank


def _is_matrix(node: ast.expr) -> bool:
    """Whether it is a transposed matrix: `x.t()`, `x.T`, or `x.transpose(0, 1)`."""
    match node:
        case ast.Attribute(attr="T") | ast.Call(func=ast.Attribute(attr="t"), args=[]):
            return True
        case ast.Call(func=ast.Attribute(attr=name), args=[*axes]) if name in _EXCHANGES:
            return {*(integers(axes[-2:]) or ())} == {0, 1}
    return False
