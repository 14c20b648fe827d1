"""The part of a file that its attention rests on: a report of most files parses no more than that.

Files of models are long, and a few functions of them hold a softmax between two products. A file
is split at its lines without indentation. Kept are the functions and classes with a product and a
softmax, whatever they name or derive from, and all other statements; of the rest only names stay.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

# Where a statement of the module begins, if it is not within a string.
_BEGIN: Final = re.compile(r"\n(?=[^\s#)\]}'\"])")
_DEFINITION: Final = re.compile(r"(?:async +)?(def|class) +(\w+)")
_NAME: Final = re.compile(r"[^\W\d]\w*")
# With a dot where something of it is named.
_NAME_OR_OWNER: Final = re.compile(r"[^\W\d]\w*\.?")
_SOFTMAX: Final = re.compile("oftmax")
# All begin with a letter that is searched for fast; `@` is one at the start of a decorator too.
_PRODUCTS: Final = tuple(map(re.compile, ("matmul", "bmm", r"mm\b(?<!\wmm)", "@")))


class _Block(NamedTuple):
    """A statement of the module, text[start:end], with its decorators.

    kind: `def`, `class`, or empty for another statement. bases: the names in the head of a class.
    """

    start: int
    end: int
    kind: str = ""
    name: str = ""
    bases: tuple[str, ...] = ()


def excerpt(text: str) -> str | None:
    """The same lines, of which those are empty that attention does not rest on.

    It is for a first look: what is changed from far away, as by `attention.softmax = other` in
    another function, is not seen. Empty without attention; None where the text is not split.
    """
    if "\r" in text:
        return None
    blocks = tuple(_blocks(text))
    starts = [each.start for each in blocks]
    softmaxes, products = (
        {blocks[bisect_right(starts, at) - 1] for at in found}
        for found in (_places((_SOFTMAX,), text), _infix(_places(_PRODUCTS, text), text))
    )
    if any(not each.kind and "def " in _text(each, text) for each in softmaxes | products):
        return None  # a function in a branch
    kept = _kept(blocks, softmaxes, products, text)
    if not kept:
        return ""
    if "import *" in text:
        return None  # what it may bind depends on all names
    pieces: list[str] = []
    for each in blocks:
        whole = _text(each, text)
        if not each.kind or each in kept:
            pieces.append(whole)
            continue
        if whole.count('"""') % 2 or whole.count("'''") % 2:
            return None  # a string goes on behind it
        body = "():0" if each.kind == "def" else ":0"
        pieces.append(f"{each.kind} {each.name}{body}" + "\n" * whole.count("\n"))
    return "".join(pieces)


def _text(block: _Block, text: str) -> str:
    return text[block.start : block.end]


def _blocks(text: str) -> Iterator[_Block]:
    start = 0
    places = [*(each.end() for each in _BEGIN.finditer(text)), len(text)]
    for at, end in zip([0, *places], places, strict=False):
        if text.startswith("@", at):
            continue  # a decorator: the definition comes next
        found = _DEFINITION.match(text, at)
        if found is None:
            yield _Block(start, end)
        else:
            head = text[found.end() : end].partition(":\n")[0] if found[1] == "class" else ""
            yield _Block(start, end, found[1], found[2], tuple(_NAME.findall(head)))
        start = end
    if start < len(text):
        yield _Block(start, len(text))


def _places(words: Iterable[re.Pattern[str]], text: str) -> Iterator[int]:
    return (each.start() for word in words for each in word.finditer(text))


def _infix(places: Iterable[int], text: str) -> Iterator[int]:
    """The places without those of decorators, as far as one sees at a glance."""
    for at in places:
        is_name = text[at] == "@" and text[at + 1 : at + 2].isidentifier()
        if not is_name or text[text.rfind("\n", 0, at) + 1 : at].strip():
            yield at


def _kept(
    blocks: tuple[_Block, ...], softmaxes: set[_Block], products: set[_Block], text: str
) -> set[_Block]:
    """What holds attention, and the functions and classes of the file that it rests on."""
    functions, classes, heirs = (defaultdict[str, list[_Block]](list) for _ in range(3))
    # What has a softmax, and what derives from that.
    known = {each.name for each in softmaxes if each.kind}
    for each in blocks:
        if each.kind:
            (functions if each.kind == "def" else classes)[each.name].append(each)
        for base in each.bases:
            heirs[base].append(each)
        if not known.isdisjoint(each.bases):
            known.add(each.name)
    pending = [
        each
        for each in products
        if each.kind and (each in softmaxes or not known.isdisjoint(_names(each, text)))
    ]
    kept: set[_Block] = set()
    while pending:
        block = pending.pop()
        if block in kept:
            continue
        kept.add(block)
        # What is taken is taken once, however often it is named.
        names = _names(block, text)
        pending += [each for name in names for each in functions.pop(name, ())]
        whole = [name for name, is_owner in names.items() if is_owner]
        pending += [each for name in (*whole, *block.bases) for each in classes.pop(name, ())]
        pending += heirs.pop(block.name, ()) if block.kind == "class" else ()
    return kept


def _names(block: _Block, text: str) -> dict[str, bool]:
    """The names in a block, and whether something of them is named, as in `Name.member`."""
    found = {*_NAME_OR_OWNER.findall(text, block.start, block.end)}
    return {each.rstrip("."): f"{each.rstrip('.')}." in found for each in found}
