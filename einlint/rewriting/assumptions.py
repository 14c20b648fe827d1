"""The assumptions of rewrites, by name, and the evidence that proves them.

The same names appear in the settings (`assume`), in messages and in JSON.
"""

from enum import StrEnum
from typing import Final, NamedTuple

EQUAL_SIZES: Final = "equal-sizes"
NO_AUTOCAST: Final = "no-autocast"
PURE_OPERANDS: Final = "pure-operands"
SAME_LAYOUT: Final = "same-layout"
BATCH_SIZES_EQUAL: Final = "batch-sizes-equal"
EQUAL_DTYPES: Final = "equal-dtypes"
NOT_SLOWER: Final = "not-slower"
NO_COMMENTS: Final = "no-comments"
ERRORS_NOT_CAUGHT: Final = "errors-not-caught"
RANKS_FIT: Final = "ranks-fit"
NOT_THE_SUBJECT: Final = "not-the-subject"
PLAIN_EINSUM: Final = "plain-einsum"
SAME_EQUATION: Final = "same-equation"
SQUEEZED_AXES: Final = "squeezed-axes"
NO_MASKED_ROWS: Final = "no-masked-rows"
MASK_FITS: Final = "mask-fits"
SOFTMAX_DTYPE: Final = "softmax-dtype"
RANDOM_NUMBERS: Final = "random-numbers"
LAST_DIGITS: Final = "last-digits"
CHECKS_HOLD: Final = "checks-hold"

MEANINGS: Final[dict[str, str]] = {
    EQUAL_SIZES: "no contracted index has size 1. If only one operand has size 1, einsum"
    " broadcasts and `@` raises. If both have size 1, einsum uses `*`, which keeps the dtype under"
    " autocast, promotes mixed dtypes and takes the operands' strides; `@` does not. Proved if"
    " both operands have the same number other than 1, or the same name for the size, even though"
    " both may then be 1",
    NO_AUTOCAST: "the call is not inside an autocast region, where einsum casts its inputs"
    " and the replacement does not. Only settings or a trace can grant it, but never where the"
    " code shows an autocast region around the call",
    PURE_OPERANDS: "the operands may be evaluated in another order",
    SAME_LAYOUT: "nobody depends on the memory layout (strides) of the result",
    BATCH_SIZES_EQUAL: "no batch axis broadcasts from size 1, where `@` can be many times"
    " slower than einsum and `torch.bmm` raises",
    EQUAL_DTYPES: "the operands have one dtype (a 0-dim operand promotes in einsum, not in `*`)",
    NOT_SLOWER: "the replacement is not slower at the sizes that occur here",
    ERRORS_NOT_CAUGHT: "no code catches the error that einsum raises if ranks or sizes do not"
    " fit: the replacement may raise another error, or none. Needed only where the file shows a"
    " handler around the call, unless the handler always raises or ends the program",
    RANKS_FIT: "the operands have the ranks of the equation; einsum checks that, `@` does not."
    " Proved where the code shows the ranks. Not granted where a rank depends on data: after a"
    " `squeeze()` without an axis, or a selection by a mask",
    NOT_THE_SUBJECT: "the call itself is not being compared, timed or profiled. Needed only if its"
    " result is one side of a comparison of two computed tensors, or if the call is between two"
    " readings of a clock, in a profiler, or run by a timer",
    SQUEEZED_AXES: "an axis that an operand drops with `squeeze(dim)` has size 1; torch keeps other"
    " axes. Needed only where the replacement leaves the squeeze out",
    NO_COMMENTS: "the comments between the arguments may be lost",
    PLAIN_EINSUM: "the called function does exactly what torch.einsum does, and no code replaces or"
    " watches it. Needed for functions named in `functions`, and where the file shows such code;"
    " there it cannot be granted",
    LAST_DIGITS: "nobody depends on the last digits: one call that computes a whole attention"
    " rounds otherwise than the products and the softmax that it replaces",
    NO_MASKED_ROWS: "no row of an attention is masked as a whole: scaled_dot_product_attention"
    " makes it 0; a softmax of masked scores makes it nan, or the mean of the values",
    MASK_FITS: "scaled_dot_product_attention takes the mask: it is boolean or has the dtype of the"
    " query, and has at least two axes, but no more than the query",
    SOFTMAX_DTYPE: "the softmax may be taken in the dtype that scaled_dot_product_attention"
    " chooses, where the code takes it in float32",
    CHECKS_HOLD: "no check of the sizes of an attention's scores or weights fails, such as an"
    " assertion; the fix takes it out with them",
    RANDOM_NUMBERS: "a dropout may draw other random numbers",
    SAME_EQUATION: "no other file derives a class that sets another equation. Needed where `self`"
    " or `cls` gives the equation, by a name without a leading underscore",
}
"""All assumptions: name -> meaning."""

GRANTED_BY_DEFAULT: Final = (EQUAL_SIZES, RANKS_FIT)


class EvidenceKind(StrEnum):
    """How strong the evidence for an assumption is.

    SOURCE proves it. TRACE: it held in all recorded calls. LITTLE: it held, but in too few calls to
    trust. AGAINST: it failed in a trace, or the source shows that it does not hold.
    """

    SOURCE = "source"
    TRACE = "trace"
    LITTLE = "little"
    AGAINST = "against"


class Evidence(NamedTuple):
    """Why an assumption holds or fails here, and the offset in the source that shows it."""

    text: str
    offset: int | None = None
    kind: EvidenceKind = EvidenceKind.SOURCE


class Assumption(NamedTuple):
    """An assumption of a plan: a name of MEANINGS, its text for this call, and its evidence."""

    name: str
    text: str
    proved_by: Evidence | None = None

    @property
    def is_proved(self) -> bool:
        """Whether the evidence is a proof; a trace is not."""
        return self.proved_by is not None and self.proved_by.kind is EvidenceKind.SOURCE

    @property
    def condition(self) -> str:
        """The text, the name, and the evidence for or against it."""
        condition, evidence = f"{self.text} (`{self.name}`)", self.proved_by
        if evidence is None or self.is_proved:
            return condition
        is_for = evidence.kind is EvidenceKind.TRACE
        grant = ", which `trust-trace = true` accepts as proof" if is_for else ""
        return f"{condition}: {evidence.text}{grant}"


def no_autocast(otherwise: str) -> Assumption:
    """The assumption that the call is outside of autocast; `otherwise` says what differs inside."""
    return Assumption(NO_AUTOCAST, f"the call is not inside an autocast region, where {otherwise}")
