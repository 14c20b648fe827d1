"""How torch spells the rewrite IR."""

from collections.abc import Iterator, Sequence
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import (
    Base,
    BatchMatMul,
    Diagonal,
    Expression,
    Flatten,
    MatMul,
    Multiply,
    Operand,
    Outer,
    Permute,
    Squeeze,
    Sum,
    TensorDot,
    Unflatten,
    Unsqueeze,
)
from einlint.algebra.labels import UNIT, is_merged, swaps_last_two
from einlint.rewriting.dialects.style import MatmulStyle, Style, TransposeStyle
from einlint.rewriting.dialects.text import Precedence, Text

_LAST_TWO: Final = ".transpose(-2, -1)"


class UnspellableError(ValueError):
    """This expression cannot be written with the names available at the call."""


def spell(
    expression: Expression, operands: Sequence[Text], style: Style, module: str | None
) -> Text:
    """The expression as Python source.

    Args:
        expression: the expression to write.
        operands: the text of the call's operands, by position.
        style: the spellings that the user prefers.
        module: the name of the torch module at the call, if it has one.

    Raises:
        UnspellableError: a function of the torch module is needed, and it has no name there.
    """
    return _spell(expression, operands, _one_style(expression, operands, style), module)


def _spell(
    expression: Expression, operands: Sequence[Text], style: Style, module: str | None
) -> Text:
    def of(part: Expression) -> Text:
        return _spell(part, operands, style, module)

    match expression:
        case Operand():
            return _leaf(expression, operands)
        case BatchMatMul():
            return _function("bmm", of(expression.left), of(expression.right), module)
        case MatMul() if style.matmul is MatmulStyle.OPERATOR:
            return _product("@", of(expression.left), of(expression.right), is_chain=False)
        case Multiply():
            is_chain = isinstance(expression.left, Multiply)
            return _product("*", of(expression.left), of(expression.right), is_chain=is_chain)
        case MatMul():
            return _function("matmul", of(expression.left), of(expression.right), module)
        case Outer():
            return _function("outer", of(expression.left), of(expression.right), module)
        case TensorDot():
            return _tensordot(expression, of(expression.left), of(expression.right), module)
        case Unflatten(source=source):
            suffix = _unflattened(source, operands)
            return Text(of(source).at_least(Precedence.PRIMARY) + suffix, Precedence.PRIMARY)
        case _:
            (part,) = expression.parts
            return _view(expression, of(part), style)


def _leaf(operand: Operand, operands: Sequence[Text]) -> Text:
    """The text of an operand, without the views of its own that are left out."""
    text = operands[operand.position]
    return text.bases[len(operand.views) - 1] if isinstance(operand, Base) else text


def _one_style(expression: Expression, operands: Sequence[Text], style: Style) -> Style:
    """One spelling for all views of an expression, and for those that operands already have."""
    nodes = tuple(_nodes(expression))
    if any(isinstance(each, Unsqueeze) and each.labels.count(UNIT) > 1 for each in nodes):
        style = style._replace(has_indices=True)
    if style.transpose is not TransposeStyle.T:
        return style
    leaves = [each for each in nodes if not each.parts]
    texts = [_spell(each, operands, style, None).source for each in leaves]
    if any(each.endswith(".mT") for each in texts):
        return style._replace(transpose=TransposeStyle.MT)
    has_more_axes = any(len(each.labels) > 2 or ELLIPSIS in each.labels for each in leaves)
    if has_more_axes or any(each.endswith(_LAST_TWO) for each in texts):
        return style._replace(transpose=TransposeStyle.TRANSPOSE)
    return style


def _nodes(expression: Expression) -> Iterator[Expression]:
    yield expression
    for part in expression.parts:
        yield from _nodes(part)


def _view(expression: Expression, receiver: Text, style: Style) -> Text:
    """An operation on one tensor, written as a method or an index."""
    match expression:
        case Permute(source=source, labels=labels):
            suffix = _permutation(source.labels, labels, style)
        case Unsqueeze(labels=labels):
            suffix = _unsqueezed(labels, style)
        case Squeeze(source=source):
            suffix = _squeezed(source.labels)
        case Flatten(labels=labels):
            suffix = _flattened(labels)
        case Sum(source=source, removed=removed):
            suffix = _summed(source.labels, removed)
        case Diagonal(source=source):
            first, second = (_axis_number(source.labels, axis) for axis in expression.axes)
            plain = (first, second) == (0, 1)
            suffix = ".diagonal()" if plain else f".diagonal(dim1={first}, dim2={second})"
        case _:
            raise UnspellableError(f"torch has no spelling for {type(expression).__name__}")
    return Text(receiver.at_least(Precedence.PRIMARY) + suffix, Precedence.PRIMARY)


def _axis_number(labels: Subscripts, axis: int) -> int:
    """The axis number for torch: from the left, or from the right after an ellipsis."""
    return axis - len(labels) if ELLIPSIS in labels[:axis] else axis


def _product(operator: str, left: Text, right: Text, *, is_chain: bool) -> Text:
    first = left.source if is_chain else _factor(left)
    second = f"{operator} {_factor(right)}"
    rows = (*(left.rows if is_chain else (first,)), second)
    return Text(f"{first} {second}", Precedence.PRODUCT, rows)


def _factor(text: Text) -> str:
    """A side of `@` or `*`: without parentheses only if it is a name, a call or has a sign.

    Python reads `x * y @ z`, `x ** 2 @ y` and `await x @ y` correctly, but people may not.
    """
    return text.source if text.precedence is Precedence.UNARY else text.at_least(Precedence.PRIMARY)


def _function(name: str, left: Text, right: Text, module: str | None) -> Text:
    if module is None:
        receiver = left.at_least(Precedence.PRIMARY)
        return Text(f"{receiver}.{name}({right.source})", Precedence.PRIMARY)
    return Text(f"{module}.{name}({left.source}, {right.source})", Precedence.PRIMARY)


def _tensordot(expression: TensorDot, left: Text, right: Text, module: str | None) -> Text:
    if module is None:
        raise UnspellableError("no fix: it needs torch.tensordot, and torch has no name here")
    removed = expression.removed
    sides = [[side.labels.index(label) for label in removed] for side in expression.parts]
    count = len(removed)
    ends = [*range(len(expression.left.labels) - count, len(expression.left.labels))]
    plain = sides == [ends, [*range(count)]]
    dims = str(count) if plain else f"({sides[0]}, {sides[1]})"
    call = f"{module}.tensordot({left.source}, {right.source}, dims={dims})"
    return Text(call, Precedence.PRIMARY)


def _permutation(source: Subscripts, target: Subscripts, style: Style) -> str:
    if swaps_last_two(source, target) and ELLIPSIS not in source[-2:]:
        if style.transpose is TransposeStyle.MT:
            return ".mT"
        return ".T" if style.transpose is TransposeStyle.T and len(source) == 2 else _LAST_TWO
    moved = [axis for axis, label in enumerate(source) if target[axis] != label]
    if len(moved) == 2 and not _crosses_ellipsis(source, target, moved):
        first, second = (_axis_number(source, axis) for axis in moved)
        return f".transpose({first}, {second})"
    if ELLIPSIS not in source:
        return f".permute({', '.join(str(source.index(label)) for label in target)})"
    return _movedim(source, target)


def _crosses_ellipsis(source: Subscripts, target: Subscripts, moved: Sequence[int]) -> bool:
    return any(ELLIPSIS in (source[axis], target[axis]) for axis in moved)


def _movedim(source: Subscripts, target: Subscripts) -> str:
    """Move the named axes; the axes of the ellipsis keep their order."""
    named = [label for label in target if label != ELLIPSIS]
    single = [label for label in named if _moves_alone(source, target, label)]
    moving = single[:1] or named
    pairs = [
        (_axis_number(source, source.index(label)), _axis_number(target, target.index(label)))
        for label in moving
    ]
    if len(pairs) == 1:
        return f".movedim({pairs[0][0]}, {pairs[0][1]})"
    sources, targets = zip(*pairs, strict=True)
    return f".movedim({sources}, {targets})"


def _moves_alone(source: Subscripts, target: Subscripts, label: str) -> bool:
    def others(labels: Subscripts) -> Subscripts:
        return tuple(each for each in labels if each != label)

    return others(source) == others(target)


def _unsqueezed(labels: Subscripts, style: Style) -> str:
    units = [axis for axis, label in enumerate(labels) if label == UNIT]
    if not style.has_indices:
        last = units[0] == len(labels) - 1
        return f".unsqueeze({-1 if last else _axis_number(labels, units[0])})"
    items = [{UNIT: "None", ELLIPSIS: "..."}.get(label, ":") for label in labels]
    return f"[{', '.join(_without_idle_slices(items))}]"


def _without_idle_slices(items: list[str]) -> list[str]:
    """Drop the `:` that an index implies: at its end, and next to its ellipsis."""
    if "..." not in items:
        last = max(axis for axis, item in enumerate(items) if item == "None")
        return items[: last + 1]
    at = items.index("...")
    behind = at + 1
    while items[behind : behind + 1] == [":"]:
        behind += 1
    return items[: at + 1] + items[behind:]


def _squeezed(labels: Subscripts) -> str:
    """One squeeze for each unit axis, from the right; each squeeze shifts the axes to its left."""
    from_right = [axis - len(labels) for axis, label in enumerate(labels) if label == UNIT]
    axes = (axis + moved for moved, axis in enumerate(reversed(from_right)))
    return "".join(f".squeeze({axis})" for axis in axes)


def _flattened(labels: Subscripts) -> str:
    """One flatten for each merged axis, from the right: so axes to its left keep their numbers."""
    suffix, end = "", sum(map(len, labels))
    last = end - 1
    for label in reversed(labels):
        start, behind = end - len(label), end - 1
        if is_merged(label):
            both = "" if (start, behind) == (0, last) else f"{start}, {behind}"
            suffix += f".flatten({start if both and behind == last else both})"
            last -= len(label) - 1
        end = start
    return suffix


def _unflattened(source: Expression, operands: Sequence[Text]) -> str:
    """One unflatten for each merged axis, from the right, with sizes from the operands' shapes."""
    suffix = ""
    for axis, label in reversed([*enumerate(source.labels)]):
        if is_merged(label):
            number = -1 if axis == len(source.labels) - 1 else axis
            suffix += f".unflatten({number}, {_sizes(label, source, operands)})"
    return suffix


def _sizes(label: str, source: Expression, operands: Sequence[Text]) -> str:
    """The sizes of the axes of a merged one, as an expression."""
    position, labels = _holder(label, source)
    shape = f"{operands[position].at_least(Precedence.PRIMARY)}.shape"
    if "".join(labels).endswith(label):
        return f"{shape}[{len(labels) - len(label)}:]"
    if label in "".join(labels):
        first = labels.index(label[0])
        return f"{shape}[{first or ''}:{first + len(label)}]"
    return f"({', '.join(f'{shape}[{labels.index(each)}]' for each in label)})"


def _holder(label: str, expression: Expression) -> tuple[int, Subscripts]:
    """The position and labels of an operand that all axes of a merged one come from."""
    if isinstance(expression, Operand):
        return expression.position, expression.labels
    sides = expression.parts
    is_only = len(sides) == 1
    return _holder(label, next(each for each in sides if is_only or label in each.labels))


def _summed(labels: Subscripts, removed: Subscripts) -> str:
    if set(removed) == set(labels):
        return ".sum()"
    axes = [axis for axis, label in enumerate(labels) if label in removed]
    if axes == [len(labels) - 1]:
        return ".sum(-1)"
    numbers = [_axis_number(labels, axis) for axis in axes]
    return f".sum({numbers[0]})" if len(axes) == 1 else f".sum(({', '.join(map(str, numbers))}))"
