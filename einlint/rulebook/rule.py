"""Rule and Finding, and the einsum call as rules see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.equation import EquationError, parse
from einlint.algebra.size_table import SizeTable
from einlint.diagnostics import Fix, Seen, Severity
from einlint.rulebook.sizes import sizes_at
from einlint.settings import Settings
from einlint.source.callsite import CallSite


@dataclass(frozen=True, slots=True)
class EinsumCall:
    """A call with a literal equation.

    contraction: what it is; None where `error`, or the sublists of the call, make no equation,
        and where torch rejects the form of the call.
    seen: what a trace says of it, None without one.
    """

    site: CallSite
    text: str
    contraction: Contraction | None
    error: EquationError | None = None
    seen: Seen | None = None

    @property
    def shown(self) -> str:
        """The equation for messages: on one line, whatever is in it."""
        stripped = self.text.strip(" ")
        return "".join(each if each.isprintable() else repr(each)[1:-1] for each in stripped)

    @property
    def has_miscounted_operands(self) -> bool:
        """Whether it is known that another number of operands is passed than the equation has."""
        count = self.site.arguments.operand_count
        return self.contraction is not None and count not in (
            None,
            len(self.contraction.equation.inputs),
        )

    @property
    def sizes(self) -> SizeTable | None:
        """What is known of the sizes of its indices; None where nothing is."""
        return None if self.contraction is None else sizes_at(self.site, self.contraction)

    @property
    def is_rejected(self) -> bool:
        """Whether it is known that the call raises: by the number, ranks or sizes of operands."""
        sizes = self.sizes
        return self.has_miscounted_operands or (sizes is not None and sizes.has_conflicts)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one call."""

    message: str
    fix: Fix | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a documented function over the facts of a call.

    check: the findings at one call, none or one as a rule.
    page: its documentation in Markdown, with the sections of `einlint.rulebook.pages`.
    is_default: reported without being selected.
    is_last_resort: asked only about calls that no other selected rule reports.
    """

    code: str
    name: str
    check: Callable[[EinsumCall, Settings], Iterator[Finding]]
    page: str
    severity: Severity = Severity.WARNING
    is_default: bool = True
    is_last_resort: bool = False


def einsum_call(site: CallSite) -> EinsumCall | None:
    """The facts of a call site; None where its equation is not literal."""
    text, fault = site.arguments.equation, site.arguments.sublist_fault
    if site.arguments.rejection is not None:
        return EinsumCall(site, text or "", None)
    if text is None:
        return None if fault is None else EinsumCall(site, "", None)
    try:
        return EinsumCall(site, text, contraction_of(parse(text)))
    except EquationError as error:
        return EinsumCall(site, text, None, error)
