"""Which files are worth reading: decided by their bytes, before anything else is loaded."""

from functools import cache

from einlint.linting.glance import glanced_at, holds_default_words
from einlint.settings import Settings


def may_have_findings(path: str, settings: Settings) -> bool:
    """Whether reading the file may say anything: it holds the words, or cannot be read."""
    data = glanced_at(path)
    return data is None or may_hold_words(data, settings)


def may_hold_words(data: bytes, settings: Settings) -> bool:
    """Whether a file with this content may have a finding, or a comment to judge.

    Raises:
        SettingsError: the settings select an unknown rule.
    """
    if settings.select is not None or settings.extend_select:
        return _is_wanted(data, settings)
    if settings.functions and any(word in data for word in _last_names(settings.functions)):
        return True
    return holds_default_words(data)


def _is_wanted(data: bytes, settings: Settings) -> bool:
    """The same for any selection of rules: these have to be loaded first."""
    from einlint.linting.wanted import may_hold_facts, wants_unused_suppressions
    from einlint.source.prefilter import may_suppress

    return may_hold_facts(data, settings) or (
        wants_unused_suppressions(settings) and may_suppress(data)
    )


@cache
def _last_names(functions: tuple[str, ...]) -> tuple[bytes, ...]:
    """The names by which the user's functions are called.

    Python allows several spellings of a non-ASCII name, so any file may contain it.
    """
    names = (name.rpartition(".")[2] for name in functions)
    return tuple(name.encode() if name.isascii() else b"" for name in names)
