"""What only the tokens of an expression tell: comments, and the fields that print their text."""

import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from einlint.source.spans import Span

# Line ends become LF, one character for one, so that places stay the same.
_CONTINUED_CRLF: Final = re.compile(r"\\\r\n")
_CRLF: Final = re.compile(r"\r\n")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class TokensError(Exception):
    """The tokenizer cannot read the text."""


def with_plain_newlines(text: str) -> str:
    """The text with LF for every line end, and a space for a form feed; places stay the same."""
    text = _CRLF.sub(" \n", _CONTINUED_CRLF.sub(" \\\n", text))
    return text.replace("\r", "\n").replace("\f", " ")


def comments_in(text: str, offset: int = 0) -> tuple[Span, ...]:
    """The comments in an expression, in order; `offset` is added to their places.

    Raises:
        TokensError: the text is no expression.
    """
    if "#" not in text:
        return ()
    return tuple(
        Span(start, end).moved(offset)
        for token, start, end in _tokens(text)
        if token.type == tokenize.COMMENT
    )


def printing_fields(text: str) -> list[Span]:
    """The `{...=}` of f-strings, and whole t-strings: what is in them is also read as text.

    Before Python 3.12 an f-string is one token, in which nothing is found.

    Raises:
        TokensError: the text is no expression.
    """
    found: list[Span] = []
    opened: list[tuple[int, str]] = []  # the brackets around, the outermost first
    strings: list[tuple[int, int, bool]] = []  # where each starts, in how many brackets
    printing: list[int] = []  # the brackets of fields that print
    for token, start, end in _tokens(text):
        name, is_operator = tokenize.tok_name[token.type], token.type == tokenize.OP
        if name.endswith("STRING_START"):
            strings.append((start, len(opened), name.startswith("T")))
        elif name.endswith("STRING_END"):
            first, _, is_template = strings.pop()
            if is_template:
                found.append(Span(first, end))
        elif is_operator and token.string in _OPENING:
            opened.append((start, token.string))
        elif is_operator and token.string in _CLOSING:
            first, _ = opened.pop()
            if printing and printing[-1] == first:
                found.append(Span(printing.pop(), end))
        elif token.string == "=" and strings and len(opened) > strings[-1][1]:
            # Directly in braces, an `=` may else be that of a lambda's default only.
            printing += [start for start, bracket in opened[-1:] if bracket == "{"]
    return found


def _tokens(text: str) -> Iterator[tuple[tokenize.TokenInfo, int, int]]:
    """The tokens with their places."""
    # In parentheses it may take several lines; the first one is no part of the text.
    wrapped = f"({with_plain_newlines(text)})\n"
    starts = [-1, *(match.end() - 1 for match in re.finditer("\n", wrapped))]
    try:
        for token in tokenize.generate_tokens(io.StringIO(wrapped).readline):
            (line, column), (last, end) = token.start, token.end
            if last <= len(starts):
                yield token, starts[line - 1] + column, starts[last - 1] + end
    except (SyntaxError, tokenize.TokenError, SystemError, UnicodeError) as error:
        raise TokensError from error
