"""Remove codes from a comment that silences findings, or the whole comment."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from einlint.diagnostics import Edit
from einlint.linting.suppression.read import Code, Suppression
from einlint.source.lines import LineIndex

_BLANK: Final = " \t\f"
# The top of a cell of a notebook: comments, and below them what is no magic of the cell.
_ABOVE_A_MAGIC: Final = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))+(?=%%)")


def remove_codes(suppression: Suppression, unused: Collection[Code], lines: LineIndex) -> Edit:
    """The edit that removes codes from a comment, or the comment if no code is left."""
    codes = suppression.codes
    kept = [position for position, code in enumerate(codes) if code not in unused]
    if not kept:
        return _without(suppression, lines)
    pieces = [
        (lines.text[codes[each - 1].end : codes[each].start] if each != kept[0] else "")
        + codes[each].text
        for each in kept
    ]
    return Edit(codes[0].start, codes[-1].end, "".join(pieces))


def _without(suppression: Suppression, lines: LineIndex) -> Edit:
    """Remove the comment and the white space before it; other comments on the line stay."""
    line, start, end = suppression.line, suppression.start, suppression.end
    before = lines.text[lines.starts[line - 1] : start]
    after = lines.text[end : lines.end(line)]
    rest = after.strip(_BLANK)
    if rest.startswith("#"):  # another comment follows
        return Edit(start, end + after.index("#"), "")
    if rest:  # the comment goes on with other words
        return Edit(start, end, "#" if after[0] in _BLANK else "# ")
    if before.strip(_BLANK):  # code stands before it
        return Edit(start - len(before) + len(before.rstrip(_BLANK)), lines.end(line), "")
    if _is_above_a_magic(suppression, lines):
        return Edit(start, end, "#")  # at the top of its cell, `%%` would be the magic of all of it
    # The comment is alone: its line goes too. Not at the top of the file: one line less could
    # move a comment into the first two lines, where Python may read it as a coding cookie.
    is_last = line == len(lines.starts)
    stop = lines.end(line) if line <= 2 or is_last else lines.starts[line]
    return Edit(lines.starts[line - 1], stop, "")


def _is_above_a_magic(suppression: Suppression, lines: LineIndex) -> bool:
    """Whether only comments stand between the top of its cell, it, and a line with `%%`."""
    place = lines.places.place(suppression.start, suppression.end)
    cell = None if place.cell is None else lines.places.lines_around(place)
    return cell is not None and place.start.row < cell.line_number(_end_of_comments(cell.text))


@lru_cache(maxsize=1)
def _end_of_comments(cell: str) -> int:
    """The end of the comments at the top of a cell if a magic follows; else 0.

    One cell can have many comments that are removed.
    """
    top = _ABOVE_A_MAGIC.match(cell)
    return 0 if top is None else top.end()
