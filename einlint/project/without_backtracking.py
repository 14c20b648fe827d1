"""Make the regexes of pathspec quick: with many `*`, trying all of their lengths never ends."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

# What pathspec writes: `*`; folders for `**/` at the start, and for `/**` elsewhere.
_STAR: Final = "[^/]*"
_LEADING: Final = "(?:.+/)?"
_INNER: Final = "(?:/.+)?"
_TOKEN: Final = re.compile(
    r"\[\^/\]\*|\(\?:\.\+/\)\?|\(\?:/\.\+\)\?|\\.|\[\^?\]?(?:\\.|[^]\\])*\]|.", re.DOTALL
)
# With fewer there is nothing to gain.
_FEW: Final = 2


def quick(regex: re.Pattern[str], end: str) -> re.Pattern[str]:
    """A regex that matches what git matches, in a time that grows little with the text.

    Where a `*` is followed by another one in the same name, its shortest match is as good as any:
    the other one takes the rest. So is the first place of the names between two `**`.

    Args:
        regex: of pathspec, for one pattern.
        end: what stands in the regex behind the pattern.
    """
    text = regex.pattern
    body, found, rest = text.removeprefix("^").rpartition(end)
    tokens = list(map(_within_a_name, _TOKEN.findall(body)))
    several = sum(each in (_STAR, _LEADING, _INNER) for each in tokens)
    if not found or several <= _FEW or not {"(", ")", "|"}.isdisjoint(tokens):
        return regex
    return re.compile(f"^{''.join(_blocks(tokens))}{end}{rest}", regex.flags)


def _within_a_name(token: str) -> str:
    """A set of characters without the `/`, which `[!a]` matches for pathspec and not for git."""
    is_set = token.startswith("[") and len(token) > 1 and token not in (_STAR, "[^/]")
    return f"(?!/){token}" if is_set else token


def _blocks(tokens: Sequence[str]) -> Iterator[str]:
    """The names between two `**`; all but the last, and but an anchored first, are atomic."""
    starts = [at for at, each in enumerate(tokens) if at == 0 or each == _INNER]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        first, rest = tokens[start], "".join(_names(tokens[start + 1 : end]))
        if end == len(tokens) or first not in (_LEADING, _INNER):
            yield "".join(_names(tokens[start:end])) if first == _STAR else first + rest
        else:
            lazy = "(?:.+?/)??" if first == _LEADING else "(?:/.+?)??"
            yield f"(?>{lazy}{rest}(?=/))"


def _names(tokens: Sequence[str]) -> Iterator[str]:
    """Names with `*`: all but the last of a name are atomic."""
    parts: list[list[str]] = [[]]
    for each in tokens:
        if each == _STAR:
            parts.append([])
        else:
            parts[-1].append(each)
    yield "".join(parts[0])
    for number, part in enumerate(parts[1:], start=1):
        text = "".join(part)
        if number == len(parts) - 1 or "/" in part:
            yield f"{_STAR}{text}"
        elif part:
            yield f"(?>[^/]*?{text})"
