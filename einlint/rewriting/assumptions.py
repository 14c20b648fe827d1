"""What a rewrite may rest on: named assumptions, and the evidence that proves one.

The same names appear in the settings (`assume`), in messages and in JSON.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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

MEANINGS: Final[dict[str, str]] = {
    EQUAL_SIZES: "no contracted index has size 1: where one operand has it and the other has not,"
    " einsum broadcasts and `@` raises; where both have it, einsum multiplies, so that it keeps"
    " the dtype under autocast and promotes mixed dtypes, and `@` does not. Proved by one number"
    " other than 1 in both operands, or by one name for both sizes, which leaves open that both"
    " are 1",
    NO_AUTOCAST: "the call is not inside an autocast region, where einsum casts its inputs"
    " and the replacement does not. Granted by the settings or by a trace alone, and never where"
    " the code shows an autocast around the call",
    PURE_OPERANDS: "the operands may be evaluated in another order",
    SAME_LAYOUT: "nobody depends on the memory layout (strides) of the result",
    BATCH_SIZES_EQUAL: "no batch axis broadcasts from size 1, where `@` can be many times"
    " slower than einsum and `torch.bmm` raises",
    EQUAL_DTYPES: "the operands have one dtype (a 0-dim operand promotes in einsum, not in `*`)",
    NOT_SLOWER: "the replacement is not slower at the sizes that occur here",
    ERRORS_NOT_CAUGHT: "nobody catches what einsum raises where ranks or sizes do not fit: the"
    " replacement may raise another error there, or none. Asked for where the file shows who"
    " catches it; a handler that always raises, or ends the program, catches nothing",
    RANKS_FIT: "the operands have the ranks of the equation, which einsum checks and `@` does"
    " not. Proved where the code shows the ranks; not granted where one depends on data: behind"
    " a `squeeze()` without an axis, or a selection by a mask",
    NOT_THE_SUBJECT: "the call is not what is being compared, timed or profiled here. Asked for"
    " where its result is one side of a comparison of two computed tensors, where it stands"
    " between two readings of a clock or in a profiler, and where a timer runs it",
    NO_COMMENTS: "the comments between the arguments may be lost",
    PLAIN_EINSUM: "the function that is called does nothing but what torch.einsum does, and nobody"
    " replaces or watches it; asked for where a function is named in `functions`, and where the"
    " file shows the contrary: there it cannot be granted",
}
"""Every assumption that exists, by name, in words."""

GRANTED_BY_DEFAULT: Final = (EQUAL_SIZES, RANKS_FIT)


class EvidenceKind(StrEnum):
    """What evidence is worth.

    The source proves. A trace has seen it hold so far, or has seen too little to be trusted with
    it. Against it is what a trace has seen fail, and what the source shows to be otherwise.
    """

    SOURCE = "source"
    TRACE = "trace"
    LITTLE = "little"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an assumption holds here, in words, and the offset in the source that shows it."""

    text: str
    offset: int | None = None
    kind: EvidenceKind = EvidenceKind.SOURCE


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something a plan rests on: a name of MEANINGS, its text for this call, its proof if any."""

    name: str
    text: str
    proved_by: Evidence | None = None

    @property
    def is_proved(self) -> bool:
        """Whether the evidence is a proof: what was seen so far is none."""
        return self.proved_by is not None and self.proved_by.kind is EvidenceKind.SOURCE

    @property
    def condition(self) -> str:
        """The text and the name, and what there is to say on it, for or against."""
        condition, evidence = f"{self.text} (`{self.name}`)", self.proved_by
        if evidence is None or self.is_proved:
            return condition
        is_for = evidence.kind is EvidenceKind.TRACE
        grant = ", which `trust-trace = true` takes for a proof" if is_for else ""
        return f"{condition}: {evidence.text}{grant}"


def no_autocast(otherwise: str) -> Assumption:
    """The call is outside of autocast; `otherwise` says what differs there."""
    return Assumption(NO_AUTOCAST, f"the call is not inside an autocast region, where {otherwise}")
