"""Rule: a documented check of the facts of one kind; Finding: its result."""

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from einlint.diagnostics import Fact, Fix, Pointer, Severity
from einlint.settings import Settings

_Kind = TypeVar("_Kind", bound=Fact)

_SPELLINGS: Final = "EIN1"


class Finding(NamedTuple):
    """What a rule reports about one fact.

    pointer: the character that is wrong, if it is one.
    spans: the other places that it is about; a comment on any of their lines silences it.
    covers: the calls that it speaks for: no report shows their other spellings besides.
    """

    message: str
    fix: Fix | None = None
    notes: tuple[str, ...] = ()
    pointer: Pointer | None = None
    spans: tuple[tuple[int, int], ...] = ()
    covers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule(Generic[_Kind]):
    """One rule.

    judges: the kind of facts that it checks; None for rules about files or comments.
    check: the findings about one fact, usually none or one.
    page: its documentation in Markdown, with the sections of `einlint.rulebook.pages`.
    is_default: reported without being selected.
    is_last_resort: it runs only on facts that no other selected rule reports.
    is_for_fixes: only a pedantic report shows a finding without a fix that edits something.
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
    is_for_fixes: bool = False

    @property
    def is_about_spelling(self) -> bool:
        """Whether its findings are about calls that are right and have a simpler spelling."""
        return is_about_spelling(self.code)


def is_about_spelling(code: str) -> bool:
    """Whether the rule with this code is about calls that are right and have a simpler spelling."""
    return code.startswith(_SPELLINGS)
