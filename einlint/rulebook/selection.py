"""Select rules by the codes, prefixes and ALL in the settings."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from einlint.discovery import members
from einlint.settings import Settings, SettingsError, did_you_mean

if TYPE_CHECKING:
    from einlint.rulebook.rule import Rule

ALL = "ALL"


@cache
def all_rules() -> "tuple[Rule[Any], ...]":
    """All rules, in the order of their codes.

    Raises:
        ValueError: two rules have the same code.
    """
    from einlint.rulebook.rule import Rule  # the rules need nearly all of einlint

    rules = sorted(members("einlint.rules", Rule), key=lambda rule: rule.code)
    for one, other in pairwise(rules):
        if one.code == other.code:
            raise ValueError(f"{one.name} and {other.name} both have the code {one.code}")
    return tuple(rules)


def rule_with(name: str) -> "Rule[Any]":
    """The rule with this code or name.

    Raises:
        SettingsError: there is no such rule.
    """
    known = {key: rule for rule in all_rules() for key in (rule.code, rule.name.upper())}
    if name.upper() in known:
        return known[name.upper()]
    if codes := [rule.code for rule in all_rules() if rule.code.startswith(name.upper())]:
        raise SettingsError(f"`{name}` is no whole code, but the start of {', '.join(codes)}")
    raise SettingsError(f"unknown rule code `{name}`{did_you_mean(name.upper(), known)}")


@cache
def selected_rules(settings: Settings) -> "tuple[Rule[Any], ...]":
    """The rules that the settings select; the longer of two matching prefixes wins.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    wanted = (*(settings.select or ()), *settings.extend_select)
    below = _defaults() if settings.select is None else ()
    return _changed(below, wanted, settings.ignore)


@cache
def fixable_rules(settings: Settings) -> "tuple[Rule[Any], ...]":
    """The rules whose fixes may be applied; the longer of two matching prefixes wins.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    below = all_rules() if settings.fixable is None else ()
    return _changed(below, settings.fixable or (), settings.unfixable)


def layered(below: Settings, above: Mapping[str, Any]) -> Settings:
    """The settings of a file, changed by the fields that a file built on it, or options, set.

    `select` and `fixable` replace what is selected below. Without them, the codes above win over
    those below, however long these are; then what is selected is written code by code.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    changes = dict(above)
    if "select" in above:
        changes = {"extend_select": (), "ignore": (), **changes}
    elif _is_mixed(below, above, "select", "extend_select", "ignore"):
        wanted, unwanted = changes.pop("extend_select", ()), changes.pop("ignore", ())
        rules = _changed(selected_rules(below), wanted, unwanted)
        changes |= {"select": _codes(rules), "extend_select": (), "ignore": ()}
    if "fixable" in above:
        changes = {"unfixable": (), **changes}
    elif _is_mixed(below, above, "fixable", "unfixable"):
        rules = _changed(fixable_rules(below), (), changes.pop("unfixable", ()))
        changes |= {"fixable": _codes(rules), "unfixable": ()}
    return replace(below, **changes)


def _is_mixed(below: Settings, above: Mapping[str, Any], *fields: str) -> bool:
    """Whether two layers both say something about the same choice of rules."""
    is_below = any(getattr(below, each) != getattr(Settings(), each) for each in fields)
    return is_below and any(each in above for each in fields)


def _codes(rules: "Iterable[Rule[Any]]") -> tuple[str, ...]:
    return tuple(rule.code for rule in rules)


def without(settings: Settings, codes: Iterable[str]) -> Settings:
    """The settings with these codes or prefixes ignored, even if they are selected by code.

    Raises:
        SettingsError: a code or prefix matches no rule.
    """
    prefixes = _lengths(codes)
    ignored = [rule.code for rule in all_rules() if _match(rule, prefixes) >= 0]
    return replace(settings, ignore=(*settings.ignore, *ignored)) if ignored else settings


def _defaults() -> "tuple[Rule[Any], ...]":
    return tuple(rule for rule in all_rules() if rule.is_default)


def _changed(
    below: "Collection[Rule[Any]]", wanted: Iterable[str], unwanted: Iterable[str]
) -> "tuple[Rule[Any], ...]":
    """The rules that are wanted, and those of `below` that no code of this layer matches."""
    yes, no = _lengths(wanted), _lengths(unwanted)
    return tuple(
        rule
        for rule in all_rules()
        if (_match(rule, yes) > _match(rule, no))
        or (rule in below and max(_match(rule, yes), _match(rule, no)) < 0)
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


def _match(rule: "Rule[Any]", lengths: dict[str, int]) -> int:
    """The length of the longest prefix that matches the rule's code; -1 if none does."""
    return max(
        (size for prefix, size in lengths.items() if rule.code.startswith(prefix)), default=-1
    )
