"""Select rules by the codes, prefixes and ALL in the settings."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from einlint.discovery import members
from einlint.rulebook.rule import Rule
from einlint.settings import Settings, SettingsError, did_you_mean

ALL = "ALL"


@cache
def all_rules() -> tuple[Rule[Any], ...]:
    """All rules, in the order of their codes.

    Raises:
        ValueError: two rules have the same code.
    """
    rules = sorted(members("einlint.rules", Rule), key=lambda rule: rule.code)
    for one, other in pairwise(rules):
        if one.code == other.code:
            raise ValueError(f"{one.name} and {other.name} both have the code {one.code}")
    return tuple(rules)


def rule_with(name: str) -> Rule[Any]:
    """The rule with this code or name.

    Raises:
        SettingsError: there is no such rule.
    """
    known = {key: rule for rule in all_rules() for key in (rule.code, rule.name.upper())}
    if name.upper() not in known:
        raise SettingsError(f"unknown rule code `{name}`{did_you_mean(name.upper(), known)}")
    return known[name.upper()]


@cache
def selected_rules(settings: Settings) -> tuple[Rule[Any], ...]:
    """The rules that the settings select; the longer of two matching prefixes wins.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    wanted = (*(settings.select or ()), *settings.extend_select)
    by_default = settings.select is None
    return _chosen(wanted, settings.ignore, lambda rule: by_default and rule.is_default)


@cache
def fixable_rules(settings: Settings) -> tuple[Rule[Any], ...]:
    """The rules whose fixes may be applied; the longer of two matching prefixes wins.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    is_open = settings.fixable is None
    return _chosen(settings.fixable or (), settings.unfixable, lambda rule: is_open)


def without(settings: Settings, codes: Iterable[str]) -> Settings:
    """The settings with these codes or prefixes ignored, even if they are selected by code.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    prefixes = _lengths(codes)
    ignored = [rule.code for rule in all_rules() if _match(rule, prefixes) >= 0]
    return replace(settings, ignore=(*settings.ignore, *ignored)) if ignored else settings


def _chosen(
    wanted: Iterable[str], unwanted: Iterable[str], is_default: Callable[[Rule[Any]], bool]
) -> tuple[Rule[Any], ...]:
    yes, no = _lengths(wanted), _lengths(unwanted)
    return tuple(
        rule
        for rule in all_rules()
        if max(_match(rule, yes), 0 if is_default(rule) else -1) > _match(rule, no)
    )


def _lengths(codes: Iterable[str]) -> dict[str, int]:
    """Upper-case prefix -> its length; 0 for ALL."""
    lengths = {}
    known = [rule.code for rule in all_rules()]
    for code in codes:
        prefix = "" if code.upper() == ALL else code.upper()
        if not any(each.startswith(prefix) for each in known) or not code:
            raise SettingsError(f"unknown rule code `{code}`{did_you_mean(prefix, known)}")
        lengths[prefix] = len(prefix)
    return lengths


def _match(rule: Rule[Any], lengths: dict[str, int]) -> int:
    """The length of the longest prefix that matches the rule's code; -1 if none does."""
    return max(
        (size for prefix, size in lengths.items() if rule.code.startswith(prefix)), default=-1
    )
