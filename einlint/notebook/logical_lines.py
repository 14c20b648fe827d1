"""The ends of logical lines in a cell, which may contain magics that Python cannot parse."""

import re
from typing import Final

# Strings, comments, escaped line ends, brackets, line ends. A quote that does not open a string
# is skipped.
_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''|"
    r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'|"
    r"#[^\n]*|\\\r?\n|[()\[\]{}]|\r?\n",
    re.DOTALL,
)
_CONTINUED: Final = re.compile(r"(?:[^\n]*\\\n)*[^\n]*")


def logical_end(text: str, start: int) -> int:
    """The end of the logical line of Python that starts at `start`, in front of its line end."""
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
    """Whether the logical line ends in `?`, IPython's request for help, outside of a comment."""
    if not text[start:end].rstrip().endswith("?"):
        return False
    *_, last = [None, *_TOKEN.finditer(text, start, end)]
    return last is None or not last[0].startswith("#")


def continued_end(text: str, start: int) -> int:
    """The end of a magic's line, which only backslashes continue."""
    match = _CONTINUED.match(text, start)
    return match.end() if match else start
