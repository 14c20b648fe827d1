"""The assumptions that are granted at a call: by the settings, or by a trace that they trust."""

from einlint.rewriting.assumptions import EvidenceKind
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def granted_at(call: EinsumCall, settings: Settings) -> tuple[str, ...]:
    """The granted assumptions, without those that the code or a trace refutes."""
    kinds = {name: each.kind for name, each in call.site.arguments.evidence.items()}
    trusted = EvidenceKind.TRACE if settings.trust_trace else None
    names = (*settings.granted, *(name for name, kind in kinds.items() if kind is trusted))
    return tuple(name for name in names if kinds.get(name) is not EvidenceKind.AGAINST)
