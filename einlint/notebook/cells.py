"""Check and fix the code cells of a notebook, given as their texts; no JSON, no files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from einlint.diagnostics import Applicability, Diagnostic, Position
from einlint.linting import engine
from einlint.linting.engine import CheckResult
from einlint.linting.suppression import write
from einlint.linting.verified import Verified
from einlint.notebook.module import Module, module_of
from einlint.notebook.places import in_cell
from einlint.settings import Settings
from einlint.source.prefilter import may_call_einsum, may_suppress


@dataclass(frozen=True, slots=True)
class CellsResult:
    """The cells after fixes or comments, how many these were, and what is left to report."""

    cells: tuple[str, ...]
    count: int
    remaining: CheckResult


def check_cells(filename: str, cells: Sequence[str], settings: Settings) -> CheckResult:
    """Everything the selected rules find in the code cells of a notebook, cell by cell.

    The cells are one module: what a cell binds holds in the next ones. Magics are passed over. A
    cell that Python cannot read is a finding, EIN000, if it contains einsum.

    Args:
        filename: what the findings say of where they are.
        cells: the texts of all code cells, in order; `cell` of a finding counts them from 1.
        settings: those of the notebook's folder.

    Raises:
        RuleError: a rule failed.
        SettingsError: the settings select an unknown rule.
    """
    if not _is_wanted(cells, settings):
        return CheckResult()
    return _checked(module_of(filename, cells), settings)


def fix_cells(
    filename: str,
    cells: Sequence[str],
    settings: Settings,
    threshold: Applicability,
    verified: Verified | None = None,
) -> CellsResult:
    """Apply every fix that reaches `threshold`; cells without one come back as they are.

    Args:
        filename: as for `check_cells`.
        cells: as for `check_cells`.
        settings: as for `check_cells`.
        threshold: the least applicability of a fix.
        verified: the only fixes to apply; None for all.

    Raises:
        RuleError: a rule failed, or a fix left text that Python cannot parse.
        SettingsError: the settings select an unknown rule.
    """
    if not _is_wanted(cells, settings):
        return CellsResult(tuple(cells), 0, CheckResult())
    module = module_of(filename, cells)
    result = engine.fix(module.source, settings, threshold, verified=verified)
    after = module.edited(result.rounds)
    return CellsResult(_texts(after), len(result.fixed), _checked(after, settings))


def ignore_cells(
    filename: str, cells: Sequence[str], settings: Settings, reason: str
) -> CellsResult:
    """Silence what is found by comments in the cells.

    Args:
        filename: as for `check_cells`.
        cells: as for `check_cells`.
        settings: as for `check_cells`.
        reason: what each comment says behind its codes.

    Raises:
        RuleError: a rule failed.
        SettingsError: the settings select an unknown rule.
    """
    if not _is_wanted(cells, settings):
        return CellsResult(tuple(cells), 0, CheckResult())
    module = module_of(filename, cells)
    result = write.ignore(module.source, settings, reason)
    after = module.edited([result.edits])
    return CellsResult(_texts(after), result.comments, _checked(after, settings))


def _is_wanted(cells: Sequence[str], settings: Settings) -> bool:
    return any(may_call_einsum(each, settings.functions) for each in cells) or (
        engine.judges_comments(settings) and any(map(may_suppress, cells))
    )


def _texts(module: Module) -> tuple[str, ...]:
    return tuple(cell.text for cell in module.cells)


def _checked(module: Module, settings: Settings) -> CheckResult:
    result = engine.check(module.source, settings)
    found = [in_cell(each, module) for each in result.diagnostics]
    found += _unreadable(module, settings)
    found.sort(key=lambda each: each.cell or 0)  # in a cell the order stays
    return replace(result, diagnostics=tuple(found))


def _unreadable(module: Module, settings: Settings) -> Iterator[Diagnostic]:
    for number, cell in enumerate(module.cells, 1):
        if cell.fault is not None and may_call_einsum(cell.text, settings.functions):
            place = Position(cell.fault.row, cell.fault.column)
            name, reason = module.filename, cell.fault.reason
            found = engine.unparsable_at(place, reason, name, settings, what="cell")
            yield from (replace(each, cell=number) for each in found.diagnostics)
