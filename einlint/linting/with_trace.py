"""What a trace has to say of a call: evidence for what it rests on, and its share of the time."""

from dataclasses import replace

from einlint.linting.trace_evidence import evidence_of
from einlint.linting.trace_index import PlacedTrace
from einlint.rulebook.rule import EinsumCall


def witnessed(call: EinsumCall, trace: PlacedTrace) -> EinsumCall:
    """The call with what was seen of it; what the source proves goes before it."""
    record = trace.at(call.site.range)
    if record is None:
        return call
    arguments = call.site.arguments
    seen = evidence_of(call.contraction.equation, record.rows) if call.contraction else {}
    known = replace(arguments, evidence={**seen, **arguments.evidence})
    return replace(call, site=replace(call.site, arguments=known), seen=record.seen)
