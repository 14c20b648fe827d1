"""The einsum calls at a place, with the file they stand in, its settings and its findings."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from einlint.cli.call_place import CallPlace
from einlint.linting.engine import check_parsed, read, read_python
from einlint.linting.findings import Findings
from einlint.notebook.cells import check_parsed as check_notebook
from einlint.notebook.cells import read_cells
from einlint.notebook.notebook import Notebook, read_notebook
from einlint.printable import printable, shown_name
from einlint.project.overrides import Overrides
from einlint.project.resolver import resolver, settings_for
from einlint.project.suffixes import NOTEBOOK
from einlint.settings import Settings
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import ParsedFile
from einlint.source.places import Place, text_name
from einlint.unusable import errors_at


@dataclass(frozen=True, slots=True)
class CallsThere:
    """The calls at a place, the file around them, its settings, and its findings."""

    filename: str
    calls: tuple[CallSite, ...]
    parsed: ParsedFile
    settings: Settings
    findings: Findings


def calls_at(place: CallPlace) -> CallsThere:
    """The calls at a place, by the settings of its file; with a column the innermost one.

    Raises:
        click.UsageError: there is no einsum call.
        UnusableError: the file, or its settings, cannot be read.
    """
    path = os.path.abspath(place.file)
    project_of = resolver(Overrides(), None, isolated=False)
    settings = settings_for(path, project_of(os.path.dirname(path)))
    with errors_at(place.file):
        data = Path(place.file).read_bytes()
    parsed, findings = _checked(place.file, data, settings)
    sites = () if parsed is None else parsed.facts(CallSite)
    placed = [(site, findings.places.place(site.start, site.end)) for site in sites]
    found = tuple(site for site, there in placed if place.holds(there))
    if parsed is None or not found:
        raise click.UsageError(_nothing(place, [there for _, there in placed], findings))
    # In source order, outer calls first: the last one is the innermost.
    chosen = found if place.column is None else found[-1:]
    return CallsThere(place.file, chosen, parsed, settings, findings)


def _checked(filename: str, data: bytes, settings: Settings) -> tuple[ParsedFile | None, Findings]:
    """The parsed file, or all cells of a notebook, and its findings; None if it is not parsed."""
    document: Notebook | SourceFile | Findings
    if filename.endswith(NOTEBOOK):
        document = read_notebook(filename, data, settings)
    else:
        document = read(filename, data, settings)
    if isinstance(document, Findings):
        return None, document
    if isinstance(document, Notebook):
        cells = read_cells(document.module, settings)
        findings = check_notebook(document.module, cells, settings)
        return (None if isinstance(cells, Findings) else cells), findings
    parsed = read_python(document, settings)
    if isinstance(parsed, Findings):
        return None, parsed
    return parsed, check_parsed(parsed, settings)


def _nothing(place: CallPlace, calls: list[Place], findings: Findings) -> str:
    """That there is no call, why, and where the nearest one is."""
    name = text_name(place.file, place.cell)
    text = f"no einsum call on line {place.line} of {name}"
    unread = next((each.message for each in findings.diagnostics if each.code == "EIN000"), None)
    if unread is not None:
        return f"{text}: {printable(unread)}"
    if not calls:
        return f"{text}, nor anywhere in {shown_name(place.file)}"

    def distance(each: Place) -> tuple[int, int]:
        return abs((each.cell or 0) - (place.cell or 0)), abs(each.start.row - place.line)

    nearest = min(calls, key=distance)
    return f"{text}; the nearest one is at {nearest.within(place.file)}"
