"""The axes of a tensor in words, beside the term that an equation has for it."""

from dataclasses import dataclass

from einlint.algebra.equation import ELLIPSIS, Subscripts


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of a tensor in words, one of which may be `...`.

    is_bare: no brackets around them say that they belong together.
    """

    words: tuple[str, ...]
    is_bare: bool = False

    @property
    def text(self) -> str:
        """The shape as Python writes it."""
        return f"({', '.join(self.words)}{',' if len(self.words) == 1 else ''})"

    def fit(self, term: Subscripts) -> bool:
        """Whether an operand with this term can have these axes."""
        if self.is_bare:
            is_alike = (ELLIPSIS in self.words) == (ELLIPSIS in term)
            return is_alike and len(self.words) == len(term)
        named = sum(not _is_open(each) for each in self.words)
        labels = sum(each != ELLIPSIS for each in term)
        if named < len(self.words):
            return ELLIPSIS in term or named <= labels
        return named >= labels if ELLIPSIS in term else named == labels

    def word(self, label: str, term: Subscripts) -> str | None:
        """What the axis of a label is called; None where an ellipsis hides it."""
        left = term.index(label)
        right = len(term) - left
        if ELLIPSIS not in term[:left] and not any(map(_is_open, self.words[: left + 1])):
            return self.words[left]
        if ELLIPSIS not in term[left:] and not any(map(_is_open, self.words[-right:])):
            return self.words[-right]
        return None


def _is_open(word: str) -> bool:
    """Whether the word stands for any number of axes, as in `batch_shape x n x d`."""
    return word == ELLIPSIS or word.endswith("_shape")
