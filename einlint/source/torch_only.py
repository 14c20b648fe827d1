"""Calls of methods that only tensors have: their arguments tell, whatever they are called on."""

from typing import Final

from einlint.source.signatures import name_of
from einlint.source.terms import CONSTANT, TUPLE, Term

# How many sizes there are at least where another library has a method of this name:
# `repeat(3, 0)` of numpy has an axis.
_FEWEST: Final = {
    **dict.fromkeys(("view", "reshape", "expand", "broadcast_to"), 1),
    **dict.fromkeys(("new_zeros", "new_ones", "new_empty"), 1),
    "repeat": 3,
}
_OWN: Final = frozenset({"self", "cls"})


def is_torchs(name: str, receiver: Term, given: Term) -> bool:
    """Whether a method that the file does not define is torch's, by its name and its arguments.

    Several arguments are sizes, and so is what stands in one tuple or list; a single name may be a
    tuple or a dtype. Arrays have some of these methods, but einsum rejects them.
    """
    if name not in _FEWEST or name_of(receiver) in _OWN:
        return False
    sizes = given.positional
    if len(sizes) == 1 and sizes[0].operator == TUPLE:
        sizes = sizes[0].operands
        if name == "expand" and not any(each.integer == -1 for each in sizes):
            return False  # so is a distribution expanded
    elif len(sizes) == 1 and sizes[0].integer is None:
        return False
    are_texts = any(each.operator == CONSTANT and each.integer is None for each in sizes)
    return len(sizes) >= _FEWEST[name] and not are_texts
