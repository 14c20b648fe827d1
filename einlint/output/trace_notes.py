"""Notes on assumptions of a fix that rest on a trace alone."""

from collections.abc import Iterator

from einlint.diagnostics import Fix
from einlint.rewriting.assumptions import EvidenceKind


def trace_notes(fix: Fix) -> Iterator[str]:
    """Lines such as `seen in 340 calls: ...` with the assumptions granted because of a trace."""
    names: dict[str, list[str]] = {}
    for each in fix.requirements:
        proof = each.assumption.proved_by
        if each.granted and proof is not None and proof.kind is EvidenceKind.TRACE:
            names.setdefault(proof.text, []).append(f"`{each.assumption.name}`")
    for text, found in names.items():
        yield f"{text}: {', '.join(dict.fromkeys(found))}"
