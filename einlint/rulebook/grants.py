"""The assumptions that are granted at a call: by the settings, or by a trace that they trust."""

from einlint.rewriting.assumptions import RANKS_FIT, EvidenceKind
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def granted_at(call: EinsumCall, settings: Settings) -> tuple[str, ...]:
    """The granted assumptions, without those that the code or a trace refutes."""
    kinds = {name: each.kind for name, each in call.site.arguments.evidence.items()}
    trusted = EvidenceKind.TRACE if settings.trust_trace else None
    names = (*settings.granted, *(name for name, kind in kinds.items() if kind is trusted))
    return tuple(name for name in names if kinds.get(name) is not EvidenceKind.AGAINST)


def prefers_operator(call: EinsumCall, settings: Settings) -> bool:
    """Whether its batched product is better `@` than `torch.bmm`, as others of its function are.

    One function is written in one way; but `torch.bmm` is kept where it alone checks the ranks.
    """
    return call.is_beside_stacks and RANKS_FIT in granted_at(call, settings)
