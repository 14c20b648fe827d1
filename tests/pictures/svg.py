"""Read a picture back: its cells, wires and texts, with their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

NAMESPACE = "{http://www.w3.org/2000/svg}"
_MOVED = re.compile(r"translate\((\S+) (\S+)\)")


@dataclass(frozen=True)
class Mark:
    """An element at its place in the picture; `text` is what it says."""

    tag: str
    look: frozenset[str]
    x: float
    y: float
    text: str
    element: Element

    def number(self, name: str) -> float:
        return float(self.element.attrib[name])


@dataclass(frozen=True)
class Picture:
    """A whole picture."""

    root: Element
    marks: tuple[Mark, ...]

    @classmethod
    def of(cls, text: str) -> "Picture":
        root = ElementTree.fromstring(text)
        return cls(root, tuple(_marks(root, 0.0, 0.0)))

    @property
    def words(self) -> str:
        return self.root.attrib["aria-label"]

    def looking(self, tag: str, *looks: str) -> list[Mark]:
        return [each for each in self.marks if each.tag == tag and each.look >= {*looks}]

    def texts(self) -> list[str]:
        return [each.text for each in self.marks if each.tag == "text"]


def _marks(parent: Element, x: float, y: float) -> Iterator[Mark]:
    for each in parent:
        tag = each.tag.removeprefix(NAMESPACE)
        moved = _MOVED.match(each.get("transform", ""))
        left, top = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        at = (left + float(each.get("x", "0")), top + float(each.get("y", "0")))
        looks = frozenset(each.get("class", "").split())
        yield Mark(tag, looks, *at, each.text or "", each)
        yield from _marks(each, left, top)


def ends(path: Mark) -> tuple[float, float, float, float]:
    """Where a wire from an operand to the output starts and ends: x, y, x, y."""
    numbers = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", path.element.attrib["d"])]
    return numbers[0], numbers[1], numbers[-2], numbers[-1]
