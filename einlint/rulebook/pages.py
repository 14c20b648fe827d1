"""The sections of a rule's page."""

import re
from typing import Final

SECTIONS: Final = (
    "What it does",
    "Why is this bad",
    "Example",
    "Use instead",
    "Fix safety",
    "When to keep einsum",
)

_NO_FIX: Final = "There is no fix"
_EQUATION: Final = re.compile(r"""einsum\(\s*(["'])(?P<text>.*?)\1""")


def titled(name: str, code: str, page: str) -> str:
    """The whole page of a rule, as `einlint rule` and the docs show it."""
    return f"# {name} ({code})\n\n{page.strip()}\n"


def summary(page: str) -> str:
    """The first line of a page."""
    return page.strip().partition("\n")[0]


def sections(page: str) -> dict[str, str]:
    """Section title -> its text, in the order of the page."""
    _, *parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[::2], (text.strip() for text in parts[1::2]), strict=True))


def has_fix(page: str) -> bool:
    """Whether the rule ever offers a fix: if not, `Fix safety` begins with `There is no fix`."""
    return not sections(page)["Fix safety"].startswith(_NO_FIX)


def example_equation(page: str) -> str | None:
    """The first equation of the example; None if it has none."""
    found = _EQUATION.search(sections(page)["Example"])
    return found["text"] if found else None
