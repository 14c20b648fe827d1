"""Comments that look like ours and are not: how they are meant to be written."""

import re
from typing import Final

from einlint.rulebook.selection import all_rules
from einlint.source.comments import Comment

# A marker that no `ignore` or `ignore-file` follows; only where the comment starts, or behind
# comments of other tools: everything else is prose, or code that is commented out.
OTHER_MARKER: Final = re.compile(
    r"#\s*einlint\s*:\s*(?!ignore(?:-file)?(?![\w-]))(?=[^\s#]).*?(?=\s*#[ \tA-Za-z]|\s*$)",
    re.IGNORECASE,
)
_OTHER_TOOLS: Final = re.compile(
    r"(?:#\s*(?:(?:noqa|nosec)\b|(?:type|fmt|mypy|pragma|pylint|pyright|ruff|ty)\s*:)[^#]*)*",
    re.IGNORECASE,
)
# With digits: `ein` alone is a word of German.
_CODE: Final = re.compile(r"(?<![^\W_])EIN[0-9]+(?![^\W_])", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w-]+")


def leads(comment: Comment, offset: int) -> bool:
    """Whether nothing but comments of other tools stands in a comment before comment[offset]."""
    return _OTHER_TOOLS.fullmatch(comment.text, 0, offset) is not None


def starts_with_code(rest: str) -> bool:
    """Whether what follows `ignore` is a code without its brackets, and no reason."""
    return _CODE.match(rest.lstrip(" \t:=(,{<-\"'`")) is not None


def way_out(comment: Comment, text: str) -> str:
    """What to write instead of `text`, which is part of a comment: `write ...`."""
    named = {rule.name: rule.code for rule in all_rules()}
    codes = [each.upper() for each in _CODE.findall(text)]
    codes += [named[each] for each in _WORD.findall(text.lower()) if each in named]
    listed = f"[{', '.join(dict.fromkeys(codes))}]" if codes else ""
    if "file" not in text.partition(":")[2].lower().lstrip().partition(" ")[0]:
        return f"write `# einlint: ignore{listed}`"
    where = "" if comment.is_alone else " on a line of its own"
    return f"write `# einlint: ignore-file{listed}`{where}"
