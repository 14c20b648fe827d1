"""The text of suppressions: what goes where one is removed, and what one more code adds."""

from collections.abc import Collection, Sequence

from einlint.linting.suppression.read import Code, Suppression
from einlint.source.lines import LineIndex

_BLANK = " \t\f"


def without_codes(
    suppression: Suppression, idle: Collection[Code], lines: LineIndex
) -> tuple[int, int, str]:
    """The range to replace, and by what, so that the codes go; with the last one the comment."""
    codes = suppression.codes
    kept = [position for position, code in enumerate(codes) if code not in idle]
    if not kept:
        return _without(suppression, lines)
    pieces = [
        (lines.text[codes[each - 1].end : codes[each].start] if each != kept[0] else "")
        + codes[each].text
        for each in kept
    ]
    return codes[0].start, codes[-1].end, "".join(pieces)


def with_codes(
    suppression: Suppression, codes: Sequence[str], reason: str, lines: LineIndex
) -> list[tuple[int, str]]:
    """What to insert where, so that a comment with codes names these too.

    The reason is added where the comment has none.
    """
    named = [code for code in codes if not any(each.text == code for each in suppression.codes)]
    inserted = [(suppression.codes[-1].end, "".join(f", {code}" for code in named))]
    if reason and lines.text[suppression.end - 1] == "]":
        inserted.append((suppression.end, f" {reason}"))
    return inserted


def _without(suppression: Suppression, lines: LineIndex) -> tuple[int, int, str]:
    """The comment goes, with the white space before it; what others say on the row stays."""
    row, start, end = suppression.row, suppression.start, suppression.end
    before = lines.text[lines.starts[row - 1] : start]
    behind = lines.text[end : lines.end(row)]
    rest = behind.strip(_BLANK)
    if rest.startswith("#"):
        return start, end + behind.index("#"), ""
    if rest:
        return start, end, "#" if behind[0] in _BLANK else "# "
    if before.strip(_BLANK):
        return start - len(before) + len(before.rstrip(_BLANK)), lines.end(row), ""
    # A row less at the top could make a comment below it the file's coding cookie.
    is_last = row == len(lines.starts)
    stop = lines.end(row) if row <= 2 or is_last else lines.starts[row]
    return lines.starts[row - 1], stop, ""
