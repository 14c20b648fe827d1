"""The dtypes of terms: what casts and factories say, through operators that keep it.

As of sizes, it is said of tensors: *if* the object is a torch tensor, it has this dtype. Nothing is
said of what a module holds, because `model.half()` casts that, nor of a factory without a dtype,
because any file may set another default.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from einlint.source.operators import IN_PLACE, MANY
from einlint.source.terms import (
    ATTRIBUTE,
    CALL,
    CONSTANT,
    ITEM,
    PATH,
    SHAPE,
    SIZE,
    TUPLE,
    Term,
    bottom_up,
)

_FLOATS: Final = frozenset({"float16", "bfloat16", "float32", "float64"})
_ALL: Final = _FLOATS.union(
    ("complex64", "complex128", "int8", "uint8", "int16", "int32", "int64", "bool")
)
_ALSO: Final = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "cfloat": "complex64",
    "cdouble": "complex128",
    "short": "int16",
    "int": "int32",
    "long": "int64",
}
_NAMES: Final = {**{name: name for name in _ALL}, **_ALSO}
# Methods without arguments that cast.
_CASTS: Final = {**_ALSO, "bfloat16": "bfloat16", "bool": "bool"}
_MOVING: Final = (
    "transpose swapaxes swapdims t permute unsqueeze squeeze view reshape expand "
    "broadcast_to repeat repeat_interleave index_select contiguous clone detach cuda cpu "
    "requires_grad_ detach_ flip roll triu tril rearrange augmented aliased"
)
_MOVES: Final = frozenset({*_MOVING.split(), *MANY, IN_PLACE, ITEM})
_COMPUTING: Final = (
    "softmax log_softmax relu gelu silu sigmoid tanh exp log sqrt rsqrt abs neg sin cos dropout "
    "softplus normalize layer_norm square log2 log1p expm1 erf nan_to_num round floor ceil "
    "leaky_relu elu cumsum sum mean amax amin logsumexp prod masked_fill"
)
# These keep the dtype if it is one of floats; `dtype=` gives another.
_MATH: Final = frozenset(_COMPUTING.split())
# `softmax(x, dim, dtype)`.
_WITH_DTYPE_LAST: Final = frozenset({"softmax", "log_softmax"})
_TWO: Final = frozenset({"add", "sub", "mul", "div", "pow", "floor_divide", "maximum", "minimum"})
_MAKERS: Final = frozenset({"randn", "rand", "zeros", "ones", "empty", "eye"})
_LIKE: Final = frozenset(
    {
        *("rand_like", "randn_like", "zeros_like", "ones_like", "empty_like"),
        *("new_zeros", "new_ones", "new_empty"),
    }
)
# Where nothing of this stands, no dtype is said.
_SAYS_ONE: Final = re.compile(rf"dtype|\.(?:to|type|type_as|{'|'.join(_CASTS)})\(")


class Dtypes:
    """The dtypes of the terms of one file."""

    def __init__(self, text: str, held: Collection[Term]) -> None:
        """Start with the text of the file, and what its modules hold."""
        self.are_said = _SAYS_ONE.search(text) is not None
        self._known: dict[Term, str | None] = dict.fromkeys(held)

    def of(self, term: Term) -> str | None:
        """Its dtype as torch names it, `float16`; None where that is not known."""
        if term not in self._known:
            for each in bottom_up((term,), self._known):
                self._known[each] = self._looked_at(each)
        return self._known[term]

    def _looked_at(self, term: Term) -> str | None:
        name, operands = term.operator, term.operands
        cast = term.detail if name == CALL else name
        match name:
            case _ if cast in _CASTS and term.is_method:
                return _CASTS[str(cast)] if len(operands) == 1 else None
            case _ if name in _MOVES:
                return None if _may_reread(term) else self._known[operands[0]]
            case _ if name in _LIKE or name in _MATH or name in _MAKERS:
                return self._made(term)
            case _ if name in _TWO:
                return self._common([each for each in operands if not _is_number(each)], _FLOATS)
            case "to" | "type" if term.is_method:
                return self._cast(term)
            case "type_as" if len(operands) == 2:
                return self._known[operands[1]]
            case "choice":
                return self._common(operands[1:])
            case "product":
                return self._common(operands)
            case "cat" | "concat" | "stack" if operands and operands[0].operator == TUPLE:
                return self._common(operands[0].operands)
        return None

    def _common(self, terms: Iterable[Term], among: Collection[str] = _ALL) -> str | None:
        """The dtype that all of them have, if it is one of these."""
        found = {self._known[each] for each in terms}
        common = found.pop() if len(found) == 1 else None
        return common if common in among else None

    def _made(self, term: Term) -> str | None:
        """What a factory returns, or a function that keeps the dtype if it is not told another."""
        if "dtype" in term.names:
            return self._named(term.keywords["dtype"])
        if any(each.operator == PATH for each in term.operands[1:]):
            return None  # it may be a dtype
        if term.operator in _WITH_DTYPE_LAST and any(
            each.operator != CONSTANT for each in term.operands[2:]
        ):
            return None
        if term.operator in _MAKERS:
            return None  # the default, which any file may set
        return self._common(term.operands[:1], _FLOATS if term.operator in _MATH else _ALL)

    def _cast(self, term: Term) -> str | None:
        """`x.to(...)` with dtypes and devices, `x.type(dtype)`."""
        base, *given = term.positional
        said = [self._named(each) for each in given]
        is_open = any(
            name is None and not (term.operator == "to" and _is_device(each))
            for name, each in zip(said, given, strict=True)
        )
        by_name = term.keywords
        if is_open or "other" in by_name:
            return None
        if "dtype" in by_name:
            return self._named(by_name["dtype"])
        if term.operator == "type" and not given:
            return None
        return next(filter(None, said), self._known[base])

    def _named(self, term: Term) -> str | None:
        """The dtype that an expression stands for: `torch.half`, `x.dtype`."""
        if term.operator == PATH:
            module, _, name = str(term.detail).rpartition(".")
            return _NAMES.get(name) if module == "torch" else None
        if term.operator == ATTRIBUTE and term.detail == "dtype":
            return self._known[term.operands[0]]
        return None


def _may_reread(term: Term) -> bool:
    """Whether it may be `x.view(dtype)`, which takes the bytes for those of another dtype."""
    if term.operator != "view" or len(term.operands) != 2:
        return False
    one = term.operands[1]
    return one.operator not in {TUPLE, SIZE, SHAPE} and one.integer is None


def _is_number(term: Term) -> bool:
    """Whether it surely is a number of Python that leaves the dtype of floats."""
    is_literal = term.operator == CONSTANT and isinstance(term.detail, (int, float))
    return is_literal or term.operator in {SIZE, "math"}


def _is_device(term: Term) -> bool:
    """Whether it surely is a device, or one of the flags behind it."""
    is_literal = term.operator == CONSTANT and isinstance(term.detail, (str, int))
    is_named = term.operator == ATTRIBUTE and term.detail == "device"
    return is_literal or is_named or (term.operator == CALL and term.detail == "torch.device")
