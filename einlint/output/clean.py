"""What is said of a run that found nothing: known before anything that makes reports is loaded."""

from einlint.output.escapes import BOLD, is_coloured, styled

FOR_PEOPLE = ("concise", "full")
"""The formats that say it in words; the others are empty lists, each in its own way."""

ALL_PASSED = "All checks passed!"


def all_passed(color: str, *, is_terminal: bool) -> str:
    """The line for people: `color` is the value of --color."""
    is_bold = is_coloured(color, is_terminal=is_terminal)
    return f"{styled(ALL_PASSED, BOLD) if is_bold else ALL_PASSED}\n"
