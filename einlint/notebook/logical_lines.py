"""The logical lines of a cell: where they start and end, whatever else is in them."""

import re
from typing import Final

# Strings, comments, line ends that are escaped, brackets, line ends. A quote that opens no
# string is passed over.
_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''|"
    r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'|"
    r"#[^\n]*|\\\r?\n|[()\[\]{}]|\r?\n",
    re.DOTALL,
)
_CONTINUED: Final = re.compile(r"(?:[^\n]*\\\n)*[^\n]*")


def logical_end(text: str, start: int) -> int:
    """Where the logical line of Python ends that starts at `start`: before its line end."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        token = match[0]
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(0, depth - 1)
        elif token in ("\n", "\r\n") and not depth:
            return match.start()
    return len(text)


def asks_for_help(text: str, start: int, end: int) -> bool:
    """Whether the logical line text[start:end] ends in a question mark outside of a comment."""
    if not text[start:end].rstrip().endswith("?"):
        return False
    *_, last = [None, *_TOKEN.finditer(text, start, end)]
    return last is None or not last[0].startswith("#")


def continued_end(text: str, start: int) -> int:
    """Where a line ends that only backslashes continue, as those of magics."""
    match = _CONTINUED.match(text, start)
    return match.end() if match else start
