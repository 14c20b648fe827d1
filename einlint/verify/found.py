"""From the findings in files to the rewrites to verify: each once, with all of its sites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from einlint.diagnostics import Diagnostic
from einlint.notebook.module import Module
from einlint.notebook.places import in_module
from einlint.source.file import SourceFile
from einlint.source.finder import find_calls, parse_file
from einlint.verify.pair import Pair, UnpairableError, pair_of
from einlint.verify.report import Site, Skipped


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A call and its replacement over names for the operands, and where they stand."""

    pair: Pair
    sites: tuple[Site, ...]


def rewrites_in(
    diagnostics: Iterable[Diagnostic], texts: Mapping[str, str], notebooks: Mapping[str, Module]
) -> tuple[tuple[Rewrite, ...], tuple[Skipped, ...]]:
    """The rewrites that findings offer, safe or not, and the calls that cannot be run.

    Args:
        diagnostics: what a check found.
        texts: file name -> its text, but for notebooks.
        notebooks: file name -> the cells of the notebook.
    """
    by_file: dict[str, list[Diagnostic]] = {}
    for each in diagnostics:
        if each.fix is not None and each.fix.edits:
            by_file.setdefault(each.filename, []).append(each)
    grouped: dict[object, tuple[Pair, list[Site]]] = {}
    skipped: list[Skipped] = []
    for filename, found in by_file.items():
        module = notebooks.get(filename)
        text = texts[filename] if module is None else module.source.text
        for site, pair in _pairs(filename, text, found, module):
            if isinstance(pair, UnpairableError):
                skipped.append(Skipped(site, str(pair)))
                continue
            _, sites = grouped.setdefault((pair.equation, pair.readings), (pair, []))
            sites.append(site)
    rewrites = tuple(Rewrite(pair, tuple(dict.fromkeys(sites))) for pair, sites in grouped.values())
    return rewrites, tuple(skipped)


def _pairs(
    filename: str, text: str, diagnostics: Sequence[Diagnostic], module: Module | None
) -> Iterator[tuple[Site, Pair | UnpairableError]]:
    functions = tuple(dict.fromkeys(each.call.api for each in diagnostics if each.call))
    parsed = parse_file(SourceFile(filename, text), functions)
    calls = {call.range: call for call in find_calls(parsed)}
    for each in diagnostics:
        site = Site(filename, each.range.start.row, each.cell)
        placed = each if module is None else in_module(each, module)
        assert placed.fix is not None
        try:
            yield site, pair_of(calls[placed.range], placed.fix)
        except UnpairableError as error:
            yield site, error
