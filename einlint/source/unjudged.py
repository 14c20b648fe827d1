"""The calls of a file that no rule judges, each with the reason."""

from einlint.diagnostics import Unjudged
from einlint.source.callsite import CallSite
from einlint.source.finder import ParsedFile
from einlint.source.imports import doubt_about
from einlint.source.prefilter import may_call_einsum


def unjudged_calls(parsed: ParsedFile) -> tuple[Unjudged, ...]:
    """The reason for each call that no rule judges."""
    bound = parsed.bound
    if not may_call_einsum(parsed.source.text, parsed.functions):
        return ()
    read = [site.arguments.unjudged for site in parsed.facts(CallSite)]
    names = {api.function for api in bound.apis}
    doubts = [doubt_about(call.func, bound) for call in bound.calls_of(names)]
    return tuple(reason for reason in (*read, *doubts) if reason is not None)
