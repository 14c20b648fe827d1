"""The policy: which findings are worth a line of every report, and which only of a pedantic one."""

from typing import Any

from einlint.diagnostics import Fix
from einlint.rulebook.rule import Rule


def is_pedantic(rule: Rule[Any], fix: Fix | None) -> bool:
    """Whether a finding is only worth reporting to those who ask for everything.

    That is another spelling whose replacement is not both safe here and simple: it rests on
    something unproved, or reads no better than the equation.
    """
    if not rule.is_about_spelling:
        return False
    return fix is None or not fix.is_worth_reporting
