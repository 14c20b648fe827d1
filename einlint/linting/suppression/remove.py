"""Take codes out of a comment that silences findings, or the whole comment."""

from collections.abc import Collection
from typing import Final

from einlint.diagnostics import Edit
from einlint.linting.suppression.read import Code, Suppression
from einlint.source.lines import LineIndex

_BLANK: Final = " \t\f"


def remove_codes(suppression: Suppression, idle: Collection[Code], lines: LineIndex) -> Edit:
    """The edit that takes codes out of a comment; with the last one the comment goes."""
    codes = suppression.codes
    kept = [position for position, code in enumerate(codes) if code not in idle]
    if not kept:
        return _without(suppression, lines)
    pieces = [
        (lines.text[codes[each - 1].end : codes[each].start] if each != kept[0] else "")
        + codes[each].text
        for each in kept
    ]
    return Edit(codes[0].start, codes[-1].end, "".join(pieces))


def _without(suppression: Suppression, lines: LineIndex) -> Edit:
    """The comment goes, with the white space before it; what others say on the row stays."""
    row, start, end = suppression.row, suppression.start, suppression.end
    before = lines.text[lines.starts[row - 1] : start]
    behind = lines.text[end : lines.end(row)]
    rest = behind.strip(_BLANK)
    if rest.startswith("#"):
        return Edit(start, end + behind.index("#"), "")
    if rest:
        return Edit(start, end, "#" if behind[0] in _BLANK else "# ")
    if before.strip(_BLANK):
        return Edit(start - len(before) + len(before.rstrip(_BLANK)), lines.end(row), "")
    # A row less at the top could make a comment below it the file's coding cookie.
    is_last = row == len(lines.starts)
    stop = lines.end(row) if row <= 2 or is_last else lines.starts[row]
    return Edit(lines.starts[row - 1], stop, "")
