"""Findings as diagnostics of the protocol."""

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
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def shown(diagnostic: Diagnostic, document: Document, opened: Opened) -> types.Diagnostic:
    """Convert a finding; `data` has the fields of `--output-format json`."""
    return types.Diagnostic(
        shown_range(diagnostic, document, opened),
        "\n".join(_message(diagnostic)),
        _SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        code_description=types.CodeDescription(diagnostic.url) if diagnostic.url else None,
        source=_SOURCE,
        data=record_of(diagnostic, opened.findings.places),
    )


def shown_range(diagnostic: Diagnostic, document: Document, opened: Opened) -> types.Range:
    """What is underlined: of an empty range one character, if there is one on the line."""
    start, end = diagnostic.start, diagnostic.end
    if start == end:
        end = min(start + 1, opened.lines.end(opened.lines.line_number(start)))
    return document.range(start, end)


def not_checked(error: Exception) -> types.Diagnostic:
    """A diagnostic at the first character that says why a document is not checked."""
    start = types.Position(0, 0)
    message = f"not checked: {in_one_line(error)}"
    severity = types.DiagnosticSeverity.Error
    return types.Diagnostic(types.Range(start, start), message, severity, source=_SOURCE)


def _message(diagnostic: Diagnostic) -> list[str]:
    fix = diagnostic.fix
    lines = [diagnostic.message] if fix is None else [diagnostic.message, fix.message]
    unmet = fix.unmet if fix is not None else ()
    return [*lines, *(f"safe if {each.text} ({each.name})" for each in unmet), *diagnostic.notes]
