"""The part of a file that its attention rests on: a report of most files reads no more than that.

Files of models are long, and a few functions of them hold a softmax between two products. A file
is split at its lines without indentation. Kept are the functions and classes with a product and a
softmax, or with one of them and a name of what has the other; what they derive from, and what
derives from them; the functions and other statements with names that these use, and the classes
with a product or a softmax; and imports of torch. Of other classes that are named only the name is
kept.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from keyword import kwlist
from typing import Final, NamedTuple

# Where a statement of the module begins, if it is not within a string.
_BEGIN: Final = re.compile(r"\n(?=[^\s#)\]}'\"])")
_DEFINITION: Final = re.compile(r"(?:async +)?(def|class) +(\w+)")
_NAME: Final = re.compile(r"[^\W\d]\w*")
# With a dot where something of it is named.
_NAME_OR_OWNER: Final = re.compile(r"[^\W\d]\w*\.?")
_ASSIGNED: Final = re.compile(r"([^\W\d]\w*) *(?:=(?!=)|:[^=\n]*=)")
# All of `first = second = third = value`.
_TARGETS: Final = re.compile(r"(?:[^={}\"'#;\n]*=(?!=))+")
_IMPORT: Final = re.compile(r"(?:from +([.\w]+) +)?import ([^#;\\]*)")
# Characters of a line: of a longer one, not all is read again for every word.
_LONG: Final = 500
_KEYWORDS: Final = frozenset(kwlist)
_SOFTMAX: Final = re.compile("oftmax")
# All begin with a letter that is searched for fast; `@` is one at the start of a decorator too.
_PRODUCTS: Final = tuple(
    map(re.compile, (r"matmul\d*[\s\\]*\(", r"bmm[\s\\]*\(", r"mm\b(?<!\wmm)[\s\\]*\(", "@"))
)
# On a line of its own, with what it decorates behind it: `@key` may as well go on with a product.
_DECORATOR: Final = re.compile(
    r"@[\w.]+(?:\((?:[^()\n]|\([^()\n]*\))*\))?[ \t]*\n[ \t]*(?:@|def |async |class )"
)
_QUOTES: Final = re.compile("[\"']")


class _Block(NamedTuple):
    """A statement of the module, text[start:end], with its decorators.

    kind: `def`, `class`, or empty for another statement. bases: the names in the head of a class.
    """

    start: int
    end: int
    kind: str = ""
    name: str = ""
    bases: tuple[str, ...] = ()


class Excerpt(NamedTuple):
    """A part of a text.

    starts: where each piece of it starts in the excerpt. places: where it does in the whole text.
    """

    text: str
    starts: tuple[int, ...] = ()
    places: tuple[int, ...] = ()

    def place(self, offset: int) -> int:
        """Where in the whole text that is which stands at an offset in the excerpt."""
        piece = bisect_right(self.starts, offset) - 1
        return self.places[piece] + offset - self.starts[piece]


def excerpt(text: str) -> Excerpt | None:
    """What the attention of a file rests on; nothing if it has none.

    It is for a first look: what is changed from far away, as by `attention.softmax = other` in
    another function, is not seen. None where the text is not split.
    """
    if "\r" in text or "\f" in text:
        return None
    blocks = tuple(_blocks(text))
    starts = [each.start for each in blocks]
    softmaxes, products = (
        {blocks[bisect_right(starts, at) - 1] for at in _in_code(_places(words, text), text)}
        for words in ((_SOFTMAX,), _PRODUCTS)
    )
    if any(_may_be_within(each, text) for each in softmaxes | products if not each.kind):
        return None
    kept, used = _kept(blocks, softmaxes, products, text)
    if not kept:
        return Excerpt("")
    pieces: list[str] = []
    lengths = [0]
    places: list[int] = []
    for each in blocks:
        whole = _text(each, text)
        if each not in kept and _ends_in_string(whole):
            return None
        if each in kept or (each.kind == "class" and each.name in used):
            pieces.append(_code(whole) if each in kept else f"class {each.name}: 0\n")
            lengths.append(lengths[-1] + len(pieces[-1]))
            places.append(each.start)
    return Excerpt("".join(pieces), tuple(lengths[:-1]), tuple(places))


def _text(block: _Block, text: str) -> str:
    return text[block.start : block.end]


def _may_be_within(block: _Block, text: str) -> bool:
    """Whether a statement may hold functions, or begin in the middle of one, as a string may."""
    whole = _text(block, text)
    has_block = "\n " in whole or "\n\t" in whole
    has_items = _ASSIGNED.match(whole) is not None or _IMPORT.match(whole) is not None
    return "def " in whole or _ends_in_string(whole) or (has_block and not has_items)


def _ends_in_string(whole: str) -> bool:
    return any(whole.count(quotes) % 2 for quotes in ('"""', "'''"))


def _code(whole: str) -> str:
    """A statement without the comments between it and the next."""
    lines = whole.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join([*lines, ""])


def _blocks(text: str) -> Iterator[_Block]:
    places = [0, *(each.end() for each in _BEGIN.finditer(text)), len(text)]
    start = 0
    for at, end in pairwise(places):
        if text.startswith("@", at):
            continue  # a decorator: the definition comes next
        found = _DEFINITION.match(text, at)
        if found is None:
            yield _Block(start, end)
        else:
            head = text[found.end() : end].partition(":\n")[0] if found[1] == "class" else ""
            yield _Block(start, end, found[1], found[2], tuple(_NAME.findall(head)))
        start = end
    yield _Block(start, len(text))


def _places(words: Iterable[re.Pattern[str]], text: str) -> Iterator[int]:
    return (each.start() for word in words for each in word.finditer(text))


def _in_code(places: Iterable[int], text: str) -> Iterator[int]:
    """The places without those in comments and of decorators, as far as one sees at a glance."""
    for at in places:
        first = max(0, at - _LONG)
        start = text.rfind("\n", first, at) + 1
        before = text[start or first : at]
        is_comment = "#" in before and _QUOTES.search(before) is None  # no string has ended there
        is_decorator = not before.strip() and _DECORATOR.match(text, at) is not None
        is_whole = bool(start) or not first
        if not (is_whole and (is_comment or is_decorator)):
            yield at


def _kept(
    blocks: tuple[_Block, ...], softmaxes: set[_Block], products: set[_Block], text: str
) -> tuple[set[_Block], set[str]]:
    """What holds attention, with all that it rests on; and the names in it."""
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
    multiplying = {each.name for each in products if each.kind}
    computing = known | multiplying
    pending = [
        each
        for having, lacking, names in (
            (products, softmaxes, known),
            (softmaxes, products, multiplying),
        )
        for each in having
        if each.kind and (each in lacking or not names.isdisjoint(_names(each, text)))
    ]
    others = defaultdict[str, list[_Block]](list)
    for each in blocks if pending else ():
        for name in _bound(each, text) if not each.kind else ():
            others[name].append(each)
    pending += _of_torch(blocks, text) if pending else ()
    kept: set[_Block] = set()
    used: set[str] = set()
    while pending:
        block = pending.pop()
        if block in kept:
            continue
        kept.add(block)
        if not block.kind and _IMPORT.match(text, block.start, block.end):
            continue
        names = _names(block, text)
        used.update(names)
        # What is taken is taken once, however often it is named.
        pending += [each for name in names for each in functions.pop(name, ())]
        pending += [each for name in (*names, block.name) for each in others.pop(name, ())]
        whole = [name for name, is_owner in names.items() if is_owner or name in computing]
        pending += [each for name in (*whole, *block.bases) for each in classes.pop(name, ())]
        pending += heirs.pop(block.name, ()) if block.kind == "class" else ()
    return kept, used


def _of_torch(blocks: Iterable[_Block], text: str) -> Iterator[_Block]:
    """The imports of torch: only where there is one, what is followed is found.

    What `import *` may bring depends on what else is imported. Without torch the tensors may be
    those of another library.
    """
    has_torch = "import torch" in text or "from torch" in text
    word = "torch" if has_torch and "import *" not in text else "import"
    for each in blocks:
        if not each.kind and text.find(word, each.start, each.end) >= 0:
            is_import = _IMPORT.match(text, each.start, each.end) is not None
            if is_import or word == "import":
                yield each


def _bound(block: _Block, text: str) -> set[str]:
    """The names that a statement of the module may bind, or do something to."""
    assigned = _ASSIGNED.match(text, block.start)
    if assigned and text.find(";", block.start, block.end) < 0:
        targets = _TARGETS.match(text, block.start, block.end)
        return {assigned[1], *(_NAME.findall(targets[0]) if targets else ())}
    imported = _IMPORT.match(text, block.start, block.end)
    return {*_NAME.findall(text, imported.start(2) if imported else block.start, block.end)}


def _names(block: _Block, text: str) -> dict[str, bool]:
    """The names in a block, and whether something of them is named, as in `Name.member`."""
    found = {*_NAME_OR_OWNER.findall(text, block.start, block.end)}
    names = {each.rstrip(".") for each in found} - _KEYWORDS
    return {each: f"{each}." in found for each in names}
