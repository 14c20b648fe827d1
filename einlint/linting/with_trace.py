"""What a trace has to say of a call: evidence for what it rests on, and its share of the time."""

from dataclasses import replace

from einlint.linting.trace_evidence import evidence_of
from einlint.linting.trace_index import PlacedTrace
from einlint.rulebook.rule import EinsumCall


def witnessed(call: EinsumCall, trace: PlacedTrace, elsewhere: str | None) -> EinsumCall:
    """The call with what was seen of it; what the source proves or refutes goes before it.

    elsewhere: what the file does with another device than the CPU.
    """
    record = trace.at(call.site.range)
    if record is None:
        return call
    arguments = call.site.arguments
    contraction = call.contraction
    seen = evidence_of(contraction.equation, record.rows, elsewhere) if contraction else {}
    known = replace(arguments, evidence={**seen, **arguments.evidence})
    return replace(call, site=replace(call.site, arguments=known), seen=record.seen)
