"""A first look at a file with attention: only the part of it is read that attention rests on."""

import ast
import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from einlint.diagnostics import Diagnostic
from einlint.linting.findings import Findings
from einlint.linting.judging import check_fact
from einlint.linting.suppression.apply import apply_suppressions
from einlint.linting.wanted import wants_unused_suppressions
from einlint.rulebook.selection import selected_rules
from einlint.settings import Settings
from einlint.source.facts.attention_by_hand import AttentionByHand
from einlint.source.file import SourceFile
from einlint.source.finder import UnparsableError, parse_file, parsed_with
from einlint.source.lines import Text
from einlint.source.prefilter import may_call_einsum, may_suppress

_LINE: Final = re.compile(r"\blines? \d")


def hidden_findings(
    source: SourceFile, settings: Settings, *, is_brief: bool = False
) -> Findings | None:
    """The findings of a file of which a plain report shows none; None where that is not sure.

    So it is where only attention can be found, and something stands in the way of each: nothing
    has to be proved. A file whose attention may be compared with a fused one is read as a whole.

    is_brief: what no plain report shows is not looked for.
    """
    if (
        settings.pedantic
        or source.places is not None
        or wants_unused_suppressions(settings)
        or may_call_einsum(source.text, settings.functions)
    ):
        return None
    # Most files have no attention.
    from einlint.source.attention.excerpt import Excerpt, excerpt
    from einlint.source.attention.fused_elsewhere import tests_and_compares

    is_test, is_compared = tests_and_compares(source)
    short = Excerpt("") if is_test else None if is_compared else excerpt(source.text)
    found = None if short is None else _hidden_in(short.text, settings, is_brief)
    if short is None or found is None:
        return None
    moved = [
        replace(
            each,
            filename=source.filename,
            start=short.place(each.start),
            end=short.place(each.end),
            spans=tuple((short.place(start), short.place(end)) for start, end in each.spans),
            covers=tuple((short.place(start), short.place(end)) for start, end in each.covers),
        )
        for each in found
    ]
    places = Text(source.text)
    if not may_suppress(source.text):
        return Findings(tuple(moved), places)
    nothing = ast.Module(body=[], type_ignores=[])
    parsed = parsed_with(nothing, source, settings.functions)
    kept, misspelt = apply_suppressions(moved, parsed, settings, tuple)
    return Findings(tuple(kept), places, misspelt=misspelt)


@lru_cache(maxsize=128)  # many files hold copies of one function
def _hidden_in(text: str, settings: Settings, is_brief: bool) -> tuple[Diagnostic, ...] | None:
    """The findings in an excerpt; None where the whole file has to be read.

    So it is if one call may compute one of them, if one names a line, or if it is no Python.
    """
    if not text:
        return ()
    try:
        parsed = parse_file(SourceFile("", text), settings.functions, is_brief=is_brief)
    except UnparsableError:
        return None
    facts = parsed.facts(AttentionByHand)
    if not all(each.obstacles for each in facts):
        return None
    rules = [each for each in selected_rules(settings) if each.judges is AttentionByHand]
    found = [each for fact in facts for each in check_fact(fact, rules, parsed, settings)]
    if not all(each.is_hidden and _LINE.search(each.message) is None for each in found):
        return None
    return tuple(replace(each, fact=None) for each in found)
