"""Check and fix the code cells of a notebook, joined into one module."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting import engine
from einlint.linting.findings import Change, Findings
from einlint.linting.wanted import may_hold_facts, wants_unused_suppressions
from einlint.notebook.module import Module
from einlint.settings import Settings
from einlint.source.finder import ParsedFile
from einlint.source.prefilter import may_call_einsum, may_suppress

if TYPE_CHECKING:  # few runs have a report of `einlint verify`
    from einlint.linting.verified import Verified


def check_cells(module: Module, settings: Settings, verified: "Verified | None" = None) -> Findings:
    """Everything the selected rules find in the code cells of a notebook, cell by cell.

    The cells are one module: names of a cell are known in the cells after it. Magics are skipped.
    A cell that Python cannot parse is a finding, EIN000, if it contains einsum.

    Raises:
        RuleError: a rule failed.
        SettingsError: the settings select an unknown rule.
    """
    return check_parsed(module, read_cells(module, settings), settings, verified)


def read_cells(module: Module, settings: Settings) -> ParsedFile | Findings:
    """The parsed module; Findings, mostly empty, if there is nothing to parse."""
    if not _is_wanted(module, settings):
        return Findings()
    return engine.read_python(module.source, settings)


def check_parsed(
    module: Module,
    read: ParsedFile | Findings,
    settings: Settings,
    verified: "Verified | None" = None,
) -> Findings:
    """The same as `check_cells` for a module that is already read."""
    if isinstance(read, Findings):
        found = read
    else:
        found = engine.check_parsed(read, settings, verified=verified)
    together = [*found.diagnostics, *_unreadable(module, settings)]
    together.sort(key=lambda each: each.start)  # stable: findings at one place keep their order
    return replace(found, diagnostics=tuple(together), places=module.places)


def fix_cells(
    module: Module,
    settings: Settings,
    threshold: Applicability,
    verified: "Verified | None" = None,
) -> tuple[Module, Change]:
    """Apply every fix that reaches `threshold`; cells without a fix stay unchanged.

    verified: the only fixes to apply; None for all.

    Raises:
        RuleError: a rule failed, or a fix left text that Python cannot parse.
        SettingsError: the settings select an unknown rule.
    """
    if not _is_wanted(module, settings):
        return module, Change(module.source.text, Findings())
    change = engine.fix(module.source, settings, threshold, verified=verified)
    return module.edited(change.rounds), change


def ignore_cells(module: Module, settings: Settings, reason: str) -> tuple[Module, Change]:
    """Add comments to the cells that silence the findings.

    reason: the text behind the codes in every comment.

    Raises:
        RuleError: a rule failed.
        SettingsError: the settings select an unknown rule.
    """
    if not _is_wanted(module, settings):
        return module, Change(module.source.text, Findings())
    from einlint.linting.suppression.write import add_ignore  # few runs write comments

    change = add_ignore(module.source, settings, reason)
    return module.edited(change.rounds), change


def _is_wanted(module: Module, settings: Settings) -> bool:
    texts = [cell.text for cell in module.cells]
    return may_hold_facts("\n".join(texts), settings) or (
        wants_unused_suppressions(settings) and any(map(may_suppress, texts))
    )


def _unreadable(module: Module, settings: Settings) -> Iterator[Diagnostic]:
    for cell, span in zip(module.cells, module.spans, strict=True):
        if cell.fault is not None and may_call_einsum(cell.text, settings.functions):
            name = module.source.filename
            yield from engine.unparsed(cell.fault, span.start, name, settings, what="cell")
