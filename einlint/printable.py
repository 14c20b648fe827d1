"""Texts for people: numbers with their nouns, and escapes for what terminals and logs obey."""

import re
from typing import Final


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 call`, `1,200 calls`."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {plural or f'{noun}s'}"


# Commands of Azure, TeamCity and, once, GitHub: they are obeyed anywhere in a line of a log.
_COMMAND: Final = r"##(?=\w*\[)"


def printable(text: str) -> str:
    """A text with escapes for what terminals and CI systems obey, ends of lines among it."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
    return re.sub(_COMMAND, r"#\\x23", text) if "##" in text else text


def quiet_json(text: str) -> str:
    """JSON that means the same, and in a log says nothing to a CI system."""
    return re.sub(_COMMAND, r"#\\u0023", text)  # it stands in strings only


def printable_lines(text: str) -> str:
    """The same for a text of several lines: their ends stay."""
    return "\n".join(map(printable, text.split("\n")))


def shown_name(filename: str) -> str:
    """The name of a file for people, also where it starts a line: GitHub obeys `::` there."""
    name = printable(filename)
    return f"./{name}" if name.lstrip().startswith("::") else name
