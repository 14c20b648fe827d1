"""Rule and Finding: a documented function over the facts of one kind, and what it says."""

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Generic, TypeVar

from einlint.diagnostics import Fact, Fix, Severity
from einlint.settings import Settings

_Kind = TypeVar("_Kind", bound=Fact)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one fact."""

    message: str
    fix: Fix | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule(Generic[_Kind]):
    """One rule.

    judges: the kind of facts that it is asked about; None for one that is about no fact.
    check: the findings about one of them, none or one as a rule.
    page: its documentation in Markdown, with the sections of `einlint.rulebook.pages`.
    is_default: reported without being selected.
    is_last_resort: asked only about facts that no other selected rule reports.
    """

    code: str
    name: str
    judges: type[_Kind] | None = None
    check: Callable[[_Kind, Settings], Iterator[Finding]] | None = None
    _: KW_ONLY
    page: str
    severity: Severity = Severity.WARNING
    is_default: bool = True
    is_last_resort: bool = False
