"""Findings as an editor shows them."""

from typing import Final

from lsprotocol import types

from einlint.diagnostics import Diagnostic, Severity
from einlint.linting.judging import in_one_line
from einlint.lsp.document import Document, Opened
from einlint.output.records import record_of

_SOURCE: Final = "einlint"
_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}


def shown(diagnostic: Diagnostic, document: Document, opened: Opened) -> types.Diagnostic:
    """One finding; its `data` are the fields of `--output-format json`."""
    start, end = diagnostic.start, diagnostic.end
    if start == end:  # an editor underlines a character, if there is one on the line
        end = min(start + 1, opened.lines.end(opened.lines.line_number(start)))
    return types.Diagnostic(
        document.range(start, end),
        "\n".join(_rows(diagnostic)),
        _SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        source=_SOURCE,
        data=record_of(diagnostic, opened.findings.places),
    )


def not_checked(error: Exception) -> types.Diagnostic:
    """Why a document is not checked, at its first character."""
    start = types.Position(0, 0)
    message = f"not checked: {in_one_line(error)}"
    severity = types.DiagnosticSeverity.Error
    return types.Diagnostic(types.Range(start, start), message, severity, source=_SOURCE)


def _rows(diagnostic: Diagnostic) -> list[str]:
    fix = diagnostic.fix
    rows = [diagnostic.message] if fix is None else [diagnostic.message, fix.message]
    unmet = fix.unmet if fix is not None else ()
    return [*rows, *(f"safe if {each.text} ({each.name})" for each in unmet), *diagnostic.notes]
