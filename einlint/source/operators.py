"""The table of operators: what each returns, as a function of what is known of its arguments.

An operator whose shape is understood is one line of the table at the end of this file.
"""

from collections.abc import Callable
from typing import Final

from einlint.algebra.shapes import broadcast, permuted, position, swapped
from einlint.algebra.sizes import Axis, Shape
from einlint.source.factories import arange, eye, literal, made
from einlint.source.layers import held
from einlint.source.rearranging import rearranged
from einlint.source.signatures import CallArguments, Signature
from einlint.source.splitting import cat, chunk, split, stack, unbind
from einlint.source.terms import TUPLE

_ROOTS: Final = ("torch.", "torch.nn.functional.")
_METHOD: Final = "torch.Tensor."
_EINOPS: Final = ("einops.rearrange", "einops.repeat", "einops.reduce")
# A method that changes the tensor itself and returns it; detail: its name.
IN_PLACE: Final = "in_place"
# The weight or the bias of a layer; detail: which.
HELD: Final = "held"
# These are read as products, with an equation.
_PRODUCTS: Final = frozenset({"matmul", "bmm", "baddbmm"})
# The operators that return several tensors, of which an item is one.
MANY: Final = frozenset({"chunk", "split", "unbind"})


def operator_of(path: str) -> str | None:
    """The operator that a dotted name stands for, be it a function or a method of tensors."""
    name = path.rpartition(".")[2]
    if path in _EINOPS:
        return "rearrange"
    if path == "torch.nn.Parameter":
        return "parameter"
    if path.startswith("math."):
        return "math"
    if path == f"{_METHOD}{name}":
        is_method = name in _PRODUCTS or (name in OPERATORS and name not in _FACTORIES)
        known = name if is_method else None
        is_in_place = name.endswith("_") and not name.endswith("__")
        return known or (IN_PLACE if is_in_place else None)
    if name in _PRODUCTS and path == f"torch.{name}":
        return name
    is_function = path in {f"{root}{name}" for root in _ROOTS} and not name.startswith("new_")
    return name if is_function and name in OPERATORS else None


def _same(call: CallArguments) -> Shape | None:
    return call.shape


def _no_axes(_: CallArguments) -> int:
    return 0


def _elementwise(call: CallArguments) -> Shape | None:
    """Operands that broadcast against each other; numbers leave the shape."""
    shapes: list[Shape] = []
    if len(call.term.positional) < 2:
        return None  # the other one is passed by name
    for term in call.term.positional[:2]:
        shape = call.shapes.of(term)
        if shape is not None:
            shapes.append(shape)
        elif not call.shapes.is_number(term):
            return None
    return broadcast(shapes, call.shapes.unknowns(call.term, shapes)) if shapes else None


def _beside_a_number(call: CallArguments) -> int | None:
    others = call.term.positional[1:2]
    return 0 if others and call.shapes.is_number(others[0]) else None


def _as_type(call: CallArguments) -> Shape | None:
    """`x.type(dtype)`; without one it is a string."""
    return call.shape if len(call.term.operands) == 2 else None


def _transposed(call: CallArguments) -> Shape | None:
    one, other = call.integer("dim0"), call.integer("dim1")
    if call.shape is None or one is None or other is None:
        return None
    return swapped(call.shape, one, other)


def _turned(call: CallArguments) -> Shape | None:
    """`x.t()`, and `x.T` of a matrix."""
    shape = call.shape
    if shape is None or len(shape) > 2:
        return None
    return shape[::-1]


def _permuted(call: CallArguments) -> Shape | None:
    axes = [each.integer for each in call.rest()]
    known = [axis for axis in axes if axis is not None]
    if call.shape is None or len(known) != len(axes) or call.term.names:
        return None
    return permuted(call.shape, known)


def _unsqueezed(call: CallArguments) -> Shape | None:
    shape, axis = call.shape, call.integer("dim")
    place = None if shape is None or axis is None else position(axis, len(shape) + 1)
    if shape is None or place is None:
        return None
    return (*shape[:place], call.axis(1), *shape[place:])


def _squeezed(call: CallArguments) -> Shape | None:
    """One axis less where it is known to have size 1; without an axis the data tell the rank."""
    shape, axis = call.shape, call.integer("dim")
    place = None if shape is None or axis is None else position(axis, len(shape))
    if shape is None or place is None or not isinstance(shape[place].size, int):
        return None
    return shape[:place] + shape[place + 1 :] if shape[place].size == 1 else shape


def _viewed(call: CallArguments) -> Shape | None:
    """One -1 is what the others leave of the product of all sizes."""
    target = None if call.term.names else call.sizes()
    if target is None:
        return None
    wild = [place for place, axis in enumerate(target) if axis.size == -1]
    if len(wild) > 1:
        return None
    if not wild:
        return tuple(call.positive(axis, place) for place, axis in enumerate(target))
    at = wild[0]
    others, found = call.total(target[:at] + target[at + 1 :]), call.unknown(at)
    if call.shape is not None and others.constant != 0:
        found = call.axis(call.shapes.symbols.quotient(call.total(call.shape), others))
    return (*target[:at], found, *target[at + 1 :])


def _expanded(call: CallArguments) -> Shape | None:
    """To the sizes that are given; -1 keeps an axis, counted from the right."""
    target = None if call.term.names else call.sizes()
    if target is None:
        return None
    axes: list[Axis] = []
    for place in range(-len(target), 0):
        axis = target[place]
        if axis.size != -1:
            axes.append(call.positive(axis, place))
        elif call.shape is not None and -len(call.shape) <= place:
            axes.append(call.shape[place])
        else:
            axes.append(call.unknown(place))
    return tuple(axes)


def _repeated(call: CallArguments) -> Shape | None:
    """Each axis times its number; the numbers in front make new axes."""
    target = None if call.term.names else call.sizes()
    if target is None or (call.shape is not None and len(call.shape) > len(target)):
        return None
    if call.shape is None:
        return tuple(map(call.unknown, range(len(target))))
    new = len(target) - len(call.shape)
    behind = (_times(axis, by, call) for axis, by in zip(call.shape, target[new:], strict=True))
    return (*target[:new], *behind)


def _times(axis: Axis, by: Axis, call: CallArguments) -> Axis:
    return axis if by.size == 1 else call.axis(call.total((axis, by)))


def _interleaved(call: CallArguments) -> Shape | None:
    """One axis times a number; times a tensor of numbers it has any size."""
    repeats, number = call.term_of("repeats"), call.number("repeats")

    def longer(axis: Axis) -> Axis:
        if repeats is None or number is None or not call.shapes.is_number(repeats):
            return call.unknown()
        return _times(axis, call.axis(number), call)

    return _changed(call, call.integer("dim"), longer)


def _selected(call: CallArguments) -> Shape | None:
    """One axis becomes as long as the vector of indices."""
    index = call.shape_of("index")
    axis = index[0] if index is not None and len(index) == 1 else call.unknown()
    return _changed(call, call.integer("dim"), lambda _: axis)


def _changed(call: CallArguments, dim: int | None, change: Callable[[Axis], Axis]) -> Shape | None:
    shape = call.shape
    place = None if shape is None or dim is None else position(dim, len(shape))
    if shape is None or place is None:
        return None
    return (*shape[:place], change(shape[place]), *shape[place + 1 :])


def _dims(call: CallArguments) -> tuple[list[int], bool] | None:
    """The axes of a reduction, and whether they stay with size 1; None where that is open."""
    keep, dims = call.term_of("keepdim"), call.term_of("dim")
    keeps = keep is not None and keep.is_constant(True)
    if dims is None or not (keep is None or keeps or keep.is_constant(False)):
        return None
    parts = dims.operands if dims.operator == TUPLE else (dims,)
    numbers = [each.integer for each in parts if each.integer is not None]
    return (numbers, keeps) if parts and len(numbers) == len(parts) else None


def _reduced(call: CallArguments) -> Shape | None:
    """Some axes less, or of size 1: sum, mean and their like."""
    if call.term_of("dim") is None:
        return () if call.term_of("keepdim") is None else None
    known, shape = _dims(call), call.shape
    if known is None or shape is None:
        return None
    places = {position(each, len(shape)) for each in known[0]}
    if None in places or len(places) != len(known[0]):
        return None
    kept = (call.axis(1),) if known[1] else ()
    axes = (kept if place in places else (axis,) for place, axis in enumerate(shape))
    return tuple(axis for each in axes for axis in each)


def _reduced_axes(call: CallArguments) -> int | None:
    known = _dims(call)
    return None if known is None else 0 if known[1] else -len(known[0])


_SAME: Final = (
    "softmax log_softmax relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg sin cos dropout "
    "contiguous clone detach float half double bfloat16 to cuda cpu softplus normalize layer_norm "
    "square log2 log1p expm1 erf nan_to_num round floor ceil leaky_relu elu requires_grad_ detach_ "
    "flip roll cumsum triu tril logical_not bitwise_not argsort type_as rand_like randn_like "
    "zeros_like ones_like empty_like"
)
_TWO: Final = "add sub mul div pow floor_divide maximum minimum masked_fill"
_SUMS: Final = "sum mean amax amin logsumexp prod any all argmax argmin"
_MAKERS: Final = "randn rand zeros ones empty"
_FACTORIES: Final = frozenset({*_MAKERS.split(), "eye", "arange", "tensor"})
_INPUT: Final = ("input",)
_DIM: Final = ("input", "dim")

# The result has the very axes of the first operand.
SAME: Final = Signature(_INPUT, _same, _no_axes)

OPERATORS: Final[dict[str, Signature]] = {
    **dict.fromkeys((*_SAME.split(), "parameter", IN_PLACE, "augmented", "aliased"), SAME),
    **dict.fromkeys(_TWO.split(), Signature(("input", "other"), _elementwise, _beside_a_number)),
    HELD: Signature(_INPUT, held),
    "type": Signature(("input", "dtype"), _as_type, _no_axes),
    **dict.fromkeys(
        ("transpose", "swapaxes", "swapdims"),
        Signature(("input", "dim0", "dim1"), _transposed, _no_axes),
    ),
    "t": Signature(_INPUT, _turned, _no_axes),
    "permute": Signature(("input", "*dims"), _permuted, _no_axes),
    "unsqueeze": Signature(_DIM, _unsqueezed, lambda _: 1),
    "squeeze": Signature(_DIM, _squeezed),
    **dict.fromkeys(("view", "reshape"), Signature(("input", "*shape"), _viewed)),
    **dict.fromkeys(("expand", "broadcast_to"), Signature(("input", "*sizes"), _expanded)),
    "repeat": Signature(("input", "*repeats"), _repeated),
    "repeat_interleave": Signature(("input", "repeats", "dim"), _interleaved),
    "index_select": Signature(("input", "dim", "index"), _selected, _no_axes),
    **dict.fromkeys(_SUMS.split(), Signature(("input", "dim", "keepdim"), _reduced, _reduced_axes)),
    "chunk": Signature(("input", "chunks", "dim"), chunk, _no_axes),
    "split": Signature(("input", "split_size_or_sections", "dim"), split, _no_axes),
    "unbind": Signature(_DIM, unbind, lambda _: -1),
    **dict.fromkeys(("cat", "concat"), Signature(("tensors", "dim"), cat)),
    "stack": Signature(("tensors", "dim"), stack),
    **dict.fromkeys(_MAKERS.split(), Signature(("*size",), made)),
    **dict.fromkeys(("new_zeros", "new_ones", "new_empty"), Signature(("input", "*size"), made)),
    "eye": Signature(("n", "m"), eye),
    "arange": Signature(("*end",), arange),
    "tensor": Signature(("data",), literal),
    "rearrange": Signature(("input", "pattern"), rearranged),
}

# The names of all functions and methods whose results are known.
KNOWN: Final = frozenset({*OPERATORS, *_PRODUCTS})
