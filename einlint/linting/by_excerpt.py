"""What a file without einsum has to say, where reading the part that decides shows it."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from einlint.diagnostics import Diagnostic
from einlint.linting.engine import check_parsed
from einlint.linting.findings import Findings, without_facts
from einlint.linting.judging import RuleError
from einlint.linting.wanted import wants_unused_suppressions
from einlint.rulebook.selection import selected_rules
from einlint.settings import Settings
from einlint.source.attention.elsewhere import may_be_compared
from einlint.source.attention.excerpt import Excerpt, excerpt_of
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import SourceFile
from einlint.source.finder import UnparsableError, parse_file, words_of
from einlint.source.lines import Text
from einlint.source.prefilter import has_marker, may_call_einsum, may_suppress

# Excerpts; many files hold the same function.
_REMEMBERED: Final = 256
# A name that leaves no claim about shapes sure.
_UNSURE: Final = "exec\n"
# Characters; what is proved of more is bounded by the size of the file.
_MOST_PROVED: Final = 4_000_000
# What stands in files that another Python reads, or none.
_OTHERS: Final = tuple(
    map(
        re.compile,
        (
            r"print[ \t]+[\"'\w]",
            r"except[ \t]+[\w.]+[ \t]*,",
            r"raise[ \t]+\w+[ \t]*,",
            r"\n[ ]*\t",
            r"\n[%!<>]",
            r"<<<<<<<",
        ),
    )
)


def settled(source: SourceFile, settings: Settings) -> Findings | None:
    """The findings of a file, all of which only `--pedantic` shows; None if it is to be read."""
    text = source.text
    if settings.pedantic or source.places is not None or not _is_about_attention(settings):
        return None
    if may_call_einsum(text, settings.functions) or has_marker(text):
        return None
    excerpt = excerpt_of(text)
    if excerpt is None:
        return None
    if not excerpt.text:
        return Findings(places=Text(text))
    if may_be_compared(source.filename, text, excerpt.text):
        return None
    found = _hidden(excerpt.text, settings)
    if found is None or len(found) * len(text) > _MOST_PROVED:
        return None
    if excerpt.is_unsure and found != _hidden(excerpt.text + _UNSURE, settings):
        return None
    if found and (may_suppress(text) or any(pattern.search(text) for pattern in _OTHERS)):
        return None
    moved = (_moved(each, excerpt, source.filename) for each in found)
    return Findings(tuple(moved), Text(text))


def _is_about_attention(settings: Settings) -> bool:
    """Whether the settings want nothing else of a file without einsum."""
    judged = {rule.judges for rule in selected_rules(settings) if rule.judges is not None}
    kinds = {kind for kind in judged if words_of(kind)}
    return kinds == {HandWrittenAttention} and not wants_unused_suppressions(settings)


@lru_cache(maxsize=_REMEMBERED)
def _hidden(text: str, settings: Settings) -> tuple[Diagnostic, ...] | None:
    """The findings of a text; None if one of them is shown, or nothing is known."""
    try:
        parsed = parse_file(SourceFile("", text))
        found = check_parsed(parsed, settings).diagnostics
    except (UnparsableError, RuleError):
        return None
    return without_facts(found) if all(each.is_hidden for each in found) else None


def _moved(found: Diagnostic, excerpt: Excerpt, filename: str) -> Diagnostic:
    def of_spans(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple((excerpt.moved(start), excerpt.moved(end)) for start, end in spans)

    ((start, end),) = of_spans(((found.start, found.end),))
    spans, covers = of_spans(found.spans), of_spans(found.covers)
    return replace(found, filename=filename, start=start, end=end, spans=spans, covers=covers)
