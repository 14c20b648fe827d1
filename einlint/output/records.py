"""Diagnostics as plain data: the fields of the JSON formats."""

from typing import TypeAlias

from einlint.diagnostics import Description, Diagnostic, Edit, Fix, Requirement, Seen
from einlint.rewriting.assumptions import Evidence, EvidenceKind
from einlint.source.lines import TextMap
from einlint.source.places import Position

Record: TypeAlias = dict[str, object]


def record_of(diagnostic: Diagnostic, places: TextMap) -> Record:
    """One finding with all fields of the JSON formats; absent values are None."""
    about = diagnostic.about or Description()
    place = places.place(diagnostic.start, diagnostic.end).seen
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "message": diagnostic.message,
        "severity": diagnostic.severity.value,
        "filename": diagnostic.filename,
        "cell": place.cell,
        "location": _position(place.start),
        "end_location": _position(place.end),
        "api": about.api,
        "equation": about.equation,
        "canonical": about.canonical,
        "kind": about.kind,
        "roles": dict(about.roles) if about.roles else None,
        "fix": _fix(diagnostic.fix, diagnostic, places) if diagnostic.fix else None,
        "notes": list(diagnostic.notes),
        "pedantic": diagnostic.is_pedantic,
        "url": diagnostic.url,
        **(_seen(about.seen) if about.seen else {}),
    }


def _seen(seen: Seen) -> Record:
    """What the trace shows about the call; without a trace the key is missing."""
    return {"seen": {"calls": seen.calls, "share": seen.share}}


def _fix(fix: Fix, diagnostic: Diagnostic, places: TextMap) -> Record:
    return {
        "applicability": fix.applicability.name.lower(),
        "message": fix.message,
        "assumptions": [_requirement(each, diagnostic, places) for each in fix.requirements],
        "edits": [_edit(each, places) for each in fix.edits],
    }


def _requirement(requirement: Requirement, diagnostic: Diagnostic, places: TextMap) -> Record:
    assumption = requirement.assumption
    proof = assumption.proved_by
    return {
        "name": assumption.name,
        "text": assumption.text,
        "proved_by": None if proof is None else _evidence(proof, diagnostic, places),
        "granted": requirement.granted,
    }


def _evidence(evidence: Evidence, diagnostic: Diagnostic, places: TextMap) -> Record | None:
    if evidence.kind in (EvidenceKind.LITTLE, EvidenceKind.AGAINST):
        return None
    return {
        "text": evidence.text,
        "filename": diagnostic.filename,
        "row": shown_line(evidence, diagnostic, places),
        "kind": evidence.kind.value,
    }


def shown_line(evidence: Evidence, diagnostic: Diagnostic, places: TextMap) -> int | None:
    """The line of the evidence, if it is in the same cell as the finding, or in no cell."""
    if evidence.offset is None:
        return None
    place = places.place(evidence.offset, evidence.offset)
    is_beside = place.cell == places.place(diagnostic.start, diagnostic.end).cell
    return place.start.row if is_beside else None


def _edit(edit: Edit, places: TextMap) -> Record:
    place = places.place(edit.start, edit.end)
    return {
        "content": edit.content,
        "location": _position(place.start),
        "end_location": _position(place.end),
    }


def _position(position: Position) -> Record:
    return {"row": position.row, "column": position.column}
