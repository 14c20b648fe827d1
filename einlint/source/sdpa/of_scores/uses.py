"""What becomes of scores and weights besides attention, in the words of a report."""

from typing import Final

from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import name_of_step
from einlint.source.terms import CALL, SHAPE, SIZE, Term

# What has the shape of a value, and nothing else of it.
_SHAPED: Final = frozenset(
    {"ones_like", "zeros_like", "full_like", "empty_like", "rand_like", "randn_like", "dim"}
)
# Methods that change nothing in place; the second is written for the first by mistake.
_MASKING: Final = frozenset({"masked_fill", "mask_fill"})


def use_of(user: Term, read: Read) -> str:
    """What becomes of it, in the words of a report."""
    if _is_for_nobody(user, read):
        return f"given to `{name_of_step(user)}`, whose result nobody uses"
    term = user
    for _ in range(8):
        match term.operator:
            case "return":
                return "returned"
            case "store":
                return "kept in an attribute"
            case "closure":
                return "used by an inner function"
            case operator if operator in (SHAPE, SIZE):
                return "asked for their shape"
            case _ if name_of_step(term) in _SHAPED:
                return "asked for their shape"
            case operator if operator == CALL and "hook" in str(term.detail):
                return "watched by a hook"
        users = read.users.get(term, {})
        if len(users) != 1 or term.operator not in (
            "tuple",
            "view",
            "reshape",
            "mean",
            "sum",
            "choice",
        ):
            break
        term = next(iter(users))
    return "used again"


def _is_for_nobody(user: Term, read: Read) -> bool:
    """Whether something is masked as if in place: `scores.masked_fill(mask, low)` alone."""
    users = read.users.get(user, {})
    is_alone = bool(users) and all(each.operator == "statement" for each in users)
    return is_alone and name_of_step(user) in _MASKING
