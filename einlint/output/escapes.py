"""What tells a terminal to colour a text, and when; every run loads it, so it imports nothing."""

import os

BOLD = "1"


def is_coloured(color: str, *, is_terminal: bool) -> bool:
    """Whether a text for a stream is coloured: `color` is the value of --color."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return is_terminal or bool(os.environ.get("FORCE_COLOR"))


def styled(text: str, style: str) -> str:
    """A text in a style, such as BOLD."""
    return f"\x1b[{style}m{text}\x1b[0m"
