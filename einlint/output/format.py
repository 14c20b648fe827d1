"""Format: turns the findings of one run into text; Report: those findings."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from einlint.diagnostics import Applicability, Description, Diagnostic, Unjudged
from einlint.discovery import member, module_names
from einlint.output.paint import Paint
from einlint.output.records import Record
from einlint.output.stopping import Stopping
from einlint.source.lines import Text, TextMap
from einlint.source.places import Place

if TYPE_CHECKING:  # few runs apply fixes
    from einlint.output.applied import Applied

_PACKAGE = "einlint.output.formats"


class Report(NamedTuple):
    """The result of a run.

    diagnostics: the remaining findings, in order.
    places: file name -> what turns offsets in it into lines, columns and cells.
    fixed: the number of fixed findings; None without --fix.
    unjudged: how many calls no rule judges, by the reason.
    is_partial: some files could not be checked.
    threshold: the fixes that the options of the run apply, or would apply with --fix.
    root: the folder that einlint runs in; file names for other tools are relative to it.
    accepted: the number of findings that the baseline accepts.
    hidden: the findings that only `--pedantic` reports.
    calls: every call that rules judge, with a finding or without.
    applied: the fixed findings.
    covered: findings that a reported one speaks for; their fixes are applied all the same.
    stopping: which findings make the run fail.
    """

    diagnostics: tuple[Diagnostic, ...]
    places: Mapping[str, TextMap] = {}
    fixed: int | None = None
    unjudged: Mapping[Unjudged, int] = {}
    is_partial: bool = False
    threshold: Applicability = Applicability.SAFE
    root: str = ""
    accepted: int = 0
    hidden: tuple[Diagnostic, ...] = ()
    calls: tuple[Description, ...] = ()
    applied: tuple["Applied", ...] = ()
    covered: tuple[Diagnostic, ...] = ()
    stopping: Stopping = Stopping()

    def place(self, diagnostic: Diagnostic) -> Place:
        """The place of a finding for people: in a notebook, in its cell."""
        return self.map(diagnostic).place(diagnostic.start, diagnostic.end).seen

    def place_in_file(self, diagnostic: Diagnostic) -> Place:
        """The place for other tools: in the text of the file, even of a notebook."""
        return self.map(diagnostic).place_in_file(diagnostic.start, diagnostic.end).seen

    def map(self, diagnostic: Diagnostic) -> TextMap:
        """What turns the offsets of a finding into places."""
        return self.places.get(diagnostic.filename, Text(is_shown=False))


class Format(NamedTuple):
    """One value of --output-format; `render` returns the whole text of a report.

    is_for_people: a summary follows, and terminals show colours.
    render_records: writes plain data in this format, for --statistics.
    has_statistics: --statistics is allowed; not if readers only accept a whole report.
    """

    render: Callable[[Report, Paint], str]
    is_for_people: bool = False
    render_records: Callable[[Sequence[Record]], str] | None = None
    has_statistics: bool = True


def format_names() -> tuple[str, ...]:
    """The values of --output-format."""
    return module_names(_PACKAGE)


def format_named(name: str) -> Format:
    """The format with this name, one of `format_names`."""
    return member(_PACKAGE, name, Format)
