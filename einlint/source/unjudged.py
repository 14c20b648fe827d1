"""The calls of a file that no rule judges, each with the reason."""

import ast

from einlint.diagnostics import Unjudged
from einlint.source.callsite import CallSite
from einlint.source.finder import ParsedFile
from einlint.source.imports import doubt_about


def unjudged_calls(parsed: ParsedFile) -> tuple[Unjudged, ...]:
    """The reason for each call that no rule judges."""
    bound = parsed.bound
    read = [site.arguments.unjudged for site in parsed.facts(CallSite)]
    doubts = [doubt_about(call.func, bound) for call in bound.of_kind(ast.Call)]
    return tuple(reason for reason in (*read, *doubts) if reason is not None)
