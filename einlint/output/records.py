"""Diagnostics as plain data: the fields of the machine formats."""

from typing import TypeAlias

from einlint.diagnostics import Diagnostic, Edit, Fix, Position, Requirement, Seen
from einlint.rewriting.assumptions import Evidence, EvidenceKind

Record: TypeAlias = dict[str, object]


def record_of(diagnostic: Diagnostic) -> Record:
    """One finding, with every field that the JSON formats promise; absent values are None."""
    call = diagnostic.call
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": diagnostic.message,
        "severity": diagnostic.severity.value,
        "filename": diagnostic.filename,
        "cell": diagnostic.cell,
        "location": _position(diagnostic.range.start),
        "end_location": _position(diagnostic.range.end),
        "api": call.api if call else None,
        "equation": call.equation if call else None,
        "canonical": call.canonical if call else None,
        "kind": call.kind if call else None,
        "roles": dict(call.roles) if call and call.roles else None,
        "fix": _fix(diagnostic.fix, diagnostic.filename) if diagnostic.fix else None,
        "notes": list(diagnostic.notes),
        "url": None,
        **(_seen(call.seen) if call and call.seen else {}),
    }


def _seen(seen: Seen) -> Record:
    """What a trace says of the call; findings have it with a trace only."""
    return {"seen": {"calls": seen.calls, "share": seen.share}}


def _fix(fix: Fix, filename: str) -> Record:
    return {
        "applicability": fix.applicability.name.lower(),
        "message": fix.message,
        "assumptions": [_requirement(each, filename) for each in fix.requirements],
        "edits": [_edit(each) for each in fix.edits],
    }


def _requirement(requirement: Requirement, filename: str) -> Record:
    assumption = requirement.assumption
    proof = assumption.proved_by
    return {
        "name": assumption.name,
        "text": assumption.text,
        "proved_by": None if proof is None else _evidence(proof, filename),
        "granted": requirement.granted,
    }


def _evidence(evidence: Evidence, filename: str) -> Record | None:
    if evidence.kind is EvidenceKind.AGAINST:
        return None
    return {
        "text": evidence.text,
        "filename": evidence.filename or filename,
        "row": evidence.row,
        "kind": evidence.kind.value,
    }


def _edit(edit: Edit) -> Record:
    return {
        "content": edit.content,
        "location": _position(edit.range.start),
        "end_location": _position(edit.range.end),
    }


def _position(position: Position) -> Record:
    return {"row": position.row, "column": position.column}
