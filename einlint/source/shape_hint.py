"""What comments say of the shapes of a call's operands, in words."""

from collections.abc import Iterator, Sequence

from einlint.algebra.contraction import Contraction
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.source.callsite import CallSite
from einlint.source.shape_comments import CommentedShape


def shape_hint(site: CallSite, contraction: Contraction) -> str | None:
    """The shapes that comments give to operands, and what they say of contracted indices.

    None where no comment says anything. Nothing of it is proved.
    """
    terms = contraction.equation.inputs
    pairs = zip(site.comments.shapes(terms), terms, strict=False)
    said = {each.name: (each, term) for each, term in pairs if each is not None}
    if not said:
        return None
    shapes = ", ".join(_shapes([each for each, _ in said.values()], site))
    labels = (each for each in contraction.roles.contracted if each != ELLIPSIS)
    agreed = "".join(_compared(label, tuple(said.values())) for label in labels)
    return f"{shapes}{agreed}: a comment proves nothing"


def _shapes(said: Sequence[CommentedShape], site: CallSite) -> Iterator[str]:
    by = "the comment"
    for each in said:
        yield f"`{each.name}` is {each.axes.text} by {by} at {site.lines.row_in_words(each.row)}"
        by = "that"


def _compared(label: str, said: Sequence[tuple[CommentedShape, Subscripts]]) -> str:
    """Whether two operands have one word for an index, or two numbers; empty if neither."""
    words = [each.axes.word(label, term) for each, term in said if label in term]
    if len(words) != 2 or None in words:
        return ""
    one, other = map(str, words)
    if one == other:
        return f"; both say {one} for `{label}`"
    if one.isdecimal() and other.isdecimal():
        return f"; for `{label}` they say {one} and {other}"
    return ""
