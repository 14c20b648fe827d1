"""The shapes of what torch.nn.functional alone has: linear, embedding, one_hot, attention, pad."""

from typing import Final

from einlint.algebra.shapes import product, swapped
from einlint.source.shapes.sizing import amount_of, is_scalar, tensor, with_axis, with_last
from einlint.source.shapes.state import Operation, State
from einlint.source.shapes.stretching import pad
from einlint.source.shapes.values import Given, Value


def linear(given: Given, state: State) -> Value | None:
    """The last axis becomes as long as the weight has rows."""
    value, weight = given.get(0, "input"), state.shape(given.get(1, "weight"))
    if weight is None or len(weight) != 2 or state.shape(value) == ():
        return None
    return with_axis(value, -1, weight[0], state)


def embedding(given: Given, state: State) -> Value | None:
    """One more axis, as long as the rows of the table."""
    table = state.shape(given.get(1, "weight"))
    if table is None or len(table) != 2:
        return None
    return with_last(given.get(0, "input"), table[1], state)


def one_hot(given: Given, state: State) -> Value | None:
    """One more axis, as long as there are classes."""
    classes = given.get(1, "num_classes")
    amount = amount_of(classes) if classes is not None and is_scalar(classes, state) else None
    if amount is None or amount.constant == -1 or not amount.symbols <= state.symbols.measured:
        return with_last(given.get(0, "input"), state.unknown(), state)
    axis = state.sized(amount)
    return with_last(given.get(0, "input"), axis, state)


def attention(given: Given, state: State) -> Value | None:
    """What `softmax(query @ key.mT) @ value` has; with enable_gqa the heads need not agree."""
    operands = [given.get(k, name) for k, name in enumerate(("query", "key", "value"))]
    query, key, value = map(state.shape, operands)
    if query is None or key is None or value is None or given.get(7, "enable_gqa") is not None:
        return None
    turned = swapped(key, -2, -1)
    weights = None if turned is None else product(query, turned, state.unknown)
    return None if weights is None else tensor(product(weights, value, state.unknown))


FUNCTIONAL: Final[dict[str, Operation]] = {
    "linear": linear,
    "embedding": embedding,
    "one_hot": one_hot,
    "scaled_dot_product_attention": attention,
    "pad": pad,
}
