"""Compose rounds of edits, each of the text of the round before, into edits of the first text."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from einlint.diagnostics import Edit
from einlint.source.spans import Span

# What a text is made of: parts of the first text, and new ones.
_Piece: TypeAlias = Span | str


def composed(length: int, rounds: Iterable[Sequence[Edit]]) -> list[Edit]:
    """The edits that lead to the text after the last round, in order; they do not overlap.

    length: of the first text, in characters.
    """
    pieces: list[_Piece] = [Span(0, length)]
    for edits in rounds:
        pieces = list(_edited(deque(pieces), edits))
    return list(_edits(pieces, length))


def _edited(pieces: deque[_Piece], edits: Sequence[Edit]) -> Iterator[_Piece]:
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        yield from _taken(pieces, edit.start - position)
        for _ in _taken(pieces, edit.end - edit.start):
            pass
        yield edit.content
        position = edit.end
    yield from pieces


def _taken(pieces: deque[_Piece], count: int) -> Iterator[_Piece]:
    """Take so many characters away from the front."""
    while count:
        piece = pieces.popleft()
        size = len(piece) if isinstance(piece, str) else piece.end - piece.start
        if size > count:
            piece, rest = _cut(piece, count)
            pieces.appendleft(rest)
        yield piece
        count -= min(size, count)


def _cut(piece: _Piece, at: int) -> tuple[_Piece, _Piece]:
    if isinstance(piece, str):
        return piece[:at], piece[at:]
    return Span(piece.start, piece.start + at), Span(piece.start + at, piece.end)


def _edits(pieces: Iterable[_Piece], length: int) -> Iterator[Edit]:
    """What stands between the parts of the first text that are kept."""
    position, content = 0, ""
    for piece in (*pieces, Span(length, length)):
        if isinstance(piece, str):
            content += piece
            continue
        if content or piece.start > position:
            yield Edit(position, piece.start, content)
        position, content = piece.end, ""
