"""Whether a file may hold what the selected rules judge: by its words, before it is parsed."""

from functools import cache

from einlint.rulebook.selection import selected_rules
from einlint.rules import unused_suppression
from einlint.settings import Settings
from einlint.source.finder import words_of
from einlint.source.prefilter import holds_each, may_call_einsum, words_called


def may_hold_facts(source: bytes | str, settings: Settings) -> bool:
    """Whether a file with this content may have a finding.

    Raises:
        SettingsError: the settings select an unknown rule.
    """
    if may_call_einsum(source, settings.functions):
        return True
    return any(holds_each(source, groups) for groups in _words(settings))


def words_wanted(settings: Settings) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The same as words, for who searches many files at once.

    A file may have a finding if it has one word of each group of one of these. One without groups
    stands for every file: Python allows several spellings of a non-ASCII name.

    Raises:
        SettingsError: the settings select an unknown rule.
    """
    called = (((word,),) if word.isascii() else () for word in words_called(settings.functions))
    return (*called, *_words(settings))


def wants_unused_suppressions(settings: Settings) -> bool:
    """Whether EIN901 is selected: then files without einsum are checked too."""
    return unused_suppression.RULE in selected_rules(settings)


@cache
def _words(settings: Settings) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The groups of words of every kind of facts that is not about einsum calls."""
    kinds = {rule.judges: None for rule in selected_rules(settings) if rule.judges is not None}
    return tuple(groups for groups in map(words_of, kinds) if groups)
