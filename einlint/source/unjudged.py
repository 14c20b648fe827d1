"""The calls of a file that no rule judges, each with the reason."""

import ast
from collections import Counter

from einlint.diagnostics import Unjudged
from einlint.source.callsite import CallSite
from einlint.source.finder import ParsedFile
from einlint.source.imports import doubt_about


def unjudged_calls(parsed: ParsedFile) -> Counter[Unjudged]:
    """How many calls no rule judges, by the reason."""
    bound = parsed.bound
    read = [site.arguments.unjudged for site in parsed.facts(CallSite)]
    doubts = [doubt_about(call.func, bound) for call in bound.of_kind(ast.Call)]
    return Counter(reason for reason in (*read, *doubts) if reason is not None)
