"""Whether a file may hold what the selected rules judge: by its words, before it is parsed."""

from functools import cache

from einlint.rulebook.selection import selected_rules
from einlint.settings import Settings
from einlint.source.finder import words_of
from einlint.source.prefilter import holds_each, may_call_einsum


def may_hold_facts(source: bytes | str, settings: Settings) -> bool:
    """Whether a file with this content may have a finding.

    Raises:
        SettingsError: the settings select an unknown rule.
    """
    if may_call_einsum(source, settings.functions):
        return True
    return any(holds_each(source, groups) for groups in _words(settings))


@cache
def _words(settings: Settings) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The groups of words of every kind of facts that is not about einsum calls."""
    kinds = {rule.judges: None for rule in selected_rules(settings) if rule.judges is not None}
    return tuple(groups for groups in map(words_of, kinds) if groups)
