"""Format: how the findings of one run become text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from einlint.diagnostics import Applicability, Diagnostic
from einlint.discovery import member, module_names
from einlint.output.paint import Paint
from einlint.output.records import Record
from einlint.source.lines import Text, TextMap
from einlint.source.places import Place

_PACKAGE = "einlint.output.formats"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found.

    diagnostics: the findings left, in order. places: file name -> where they stand in it.
    fixed: how many findings were fixed, None in a run without --fix.
    unknown_equations: calls whose equation is not literal.
    is_partial: some files could not be checked.
    threshold: which fixes the options of the run apply or would apply.
    root: the folder that einlint runs in, from which other tools see the files.
    accepted: how many findings a baseline has taken out.
    """

    diagnostics: tuple[Diagnostic, ...]
    places: Mapping[str, TextMap] = field(default_factory=dict)
    fixed: int | None = None
    unknown_equations: int = 0
    is_partial: bool = False
    threshold: Applicability = Applicability.SAFE
    root: str = ""
    accepted: int = 0

    def place(self, diagnostic: Diagnostic) -> Place:
        """Where people find a finding, in a notebook in its cell."""
        return self.map(diagnostic).place(diagnostic.start, diagnostic.end).seen

    def place_in_file(self, diagnostic: Diagnostic) -> Place:
        """Where other tools find it: in the text of the file."""
        return self.map(diagnostic).place_in_file(diagnostic.start, diagnostic.end).seen

    def map(self, diagnostic: Diagnostic) -> TextMap:
        """Where people find the offsets of a finding."""
        return self.places.get(diagnostic.filename, Text(is_shown=False))


@dataclass(frozen=True, slots=True)
class Format:
    """One value of --output-format: `render` makes the whole text of a report.

    is_for_people: followed by a summary, and coloured on a terminal.
    render_records: how the format writes plain data, for the counts of --statistics.
    has_statistics: --statistics makes sense; not where readers take nothing but a whole report.
    """

    render: Callable[[Report, Paint], str]
    is_for_people: bool = False
    render_records: Callable[[Sequence[Record]], str] | None = None
    has_statistics: bool = True


def format_names() -> tuple[str, ...]:
    """The names that --output-format takes."""
    return module_names(_PACKAGE)


def format_named(name: str) -> Format:
    """The format of one of `format_names`."""
    return member(_PACKAGE, name, Format)
