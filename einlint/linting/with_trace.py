"""Add to a call what a trace shows: evidence for its assumptions, and its share of the time."""

from einlint.diagnostics import Fact
from einlint.linting.trace_evidence import evidence_of
from einlint.linting.trace_index import PlacedTrace
from einlint.source.facts.einsum_call import EinsumCall


def with_trace_evidence(fact: Fact, trace: PlacedTrace, elsewhere: str | None) -> Fact:
    """The call with evidence from the trace; evidence from the source has precedence.

    elsewhere: how the file uses another device than the CPU, as a phrase.
    """
    record = trace.records.get(fact.end)
    if record is None or not record.seen.calls or not isinstance(fact, EinsumCall):
        return fact
    arguments, contraction = fact.site.arguments, fact.contraction
    seen = evidence_of(contraction.equation, record.rows, elsewhere) if contraction else {}
    known = arguments._replace(evidence={**seen, **arguments.evidence})
    return fact._replace(site=fact.site._replace(arguments=known), seen=record.seen)
