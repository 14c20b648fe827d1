"""Skip files without certain words before they are decoded or parsed."""

import re
from collections.abc import Iterable
from typing import Final

# Every spelling of a call, and every import that makes one possible, contains it.
_WORD: Final = "einsum"
# Every comment that silences something contains one of these.
SUPPRESSING: Final = "(?i)noqa|einlint"
_SUPPRESSING: Final = re.compile(SUPPRESSING)
# A comment that goes on to the end of its line with codes of others alone, such as F401, E402.
_OF_OTHERS: Final = re.compile(
    r"# *noqa *: *(?!EIN)[A-Z]+[0-9]+(?: *, *(?!EIN)[A-Z]+[0-9]+)* *$", re.IGNORECASE | re.MULTILINE
)
# Characters.
_LARGE: Final = 1_000_000
# A string or a comment; possessive, so that a long one takes no stack.
_LITERAL: Final = (
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+"""|"(?:[^"\\\n]++|\\.)*+"'''
    r"""|'''(?:[^'\\]++|\\.|'(?!''))*+'''|'(?:[^'\\\n]++|\\.)*+'|#[^\r\n]*+"""
)
# A string with code in it; since Python 3.12 it may hold its own quotes.
_FORMATTED: Final = r"""(?i)(?<!\w)(?:r?[ft]|[ft]r)["']"""
_MARKER: Final = re.compile(r"#\s*einlint\s*:", re.IGNORECASE)
# An `@` that starts no decorator: formatters put a space behind one that starts a line.
_INFIX: Final = r"(?m)^[ \t]*+(?:@(?![^\W\d])|@?+[^\s@][^\n@]*+@)"


def may_call_einsum(source: bytes | str, functions: Iterable[str] = ()) -> bool:
    """Whether a file with this content may call einsum, or one of the functions.

    Python allows several spellings of a non-ASCII name, so any file may contain it.
    """
    return any(not word.isascii() or _holds(source, word) for word in words_called(functions))


def is_data(text: str, functions: Iterable[str] = ()) -> bool:
    """Whether a large text has the words in nothing but strings and comments, and is not parsed.

    Python's parser takes two hundred times the memory of such a text.
    """
    if len(text) < _LARGE or re.search(_FORMATTED, text) or has_marker(text):
        return False
    code = re.sub(_LITERAL, " ", text, flags=re.DOTALL)
    # A quote that is left belongs to a string without an end: the parser says where.
    return code.isascii() and not ('"' in code or "'" in code or may_call_einsum(code, functions))


def words_called(functions: Iterable[str]) -> tuple[str, ...]:
    """The words of which every file that calls einsum, or one of the functions, has one."""
    return (_WORD, *(name.rpartition(".")[2] for name in functions))


def holds_each(source: bytes | str, groups: Iterable[Iterable[str]]) -> bool:
    """Whether a file with this content has one word of each group; `@` is that of a product."""
    return all(any(_holds(source, word) for word in words) for words in groups)


def _holds(source: bytes | str, word: str) -> bool:
    if isinstance(source, str):
        return word in source and (word != "@" or re.search(_INFIX, source) is not None)
    return word.encode() in source and (
        word != "@" or re.search(_INFIX.encode(), source) is not None
    )


def may_suppress(source: bytes | str) -> bool:
    """Whether a file with this content may have a comment that silences findings."""
    if isinstance(source, bytes):
        lowered = source.lower()  # much faster than an expression that ignores cases
        return b"noqa" in lowered or b"einlint" in lowered
    lowered_text = source.lower()
    if "einlint" in lowered_text:
        return True
    if (count := lowered_text.count("noqa")) and count > len(_OF_OTHERS.findall(source)):
        return True
    # The only other characters that an expression takes for one of these letters.
    return ("\u0130" in source or "\u0131" in source) and bool(_SUPPRESSING.search(source))


def has_marker(text: str) -> bool:
    """Whether a text may have a comment that speaks to einlint."""
    return _MARKER.search(text) is not None
