"""What a fix rests on that a trace has seen and nothing proves."""

from collections.abc import Iterator

from einlint.diagnostics import Fix
from einlint.rewriting.assumptions import EvidenceKind


def trace_notes(fix: Fix) -> Iterator[str]:
    """A line for what the settings grant and a trace has seen, as `seen in 340 calls` has it."""
    names: dict[str, list[str]] = {}
    for each in fix.requirements:
        proof = each.assumption.proved_by
        if each.granted and proof is not None and proof.kind is EvidenceKind.TRACE:
            names.setdefault(proof.text, []).append(f"`{each.assumption.name}`")
    for text, found in names.items():
        yield f"{text}: {', '.join(dict.fromkeys(found))}"
