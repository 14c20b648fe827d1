"""A first look at a file with attention: only the part of it is parsed that attention rests on."""

from einlint.linting.wanted import wants_unused_suppressions
from einlint.settings import Settings
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import SourceFile
from einlint.source.finder import ParsedFile, UnparsableError, parsed_with, tree_of
from einlint.source.prefilter import may_call_einsum


def may_be_shortened(source: SourceFile, settings: Settings) -> bool:
    """Whether only attention can be found in a file, and most of that is hidden in a report."""
    return not (
        settings.pedantic
        or source.places is not None
        or wants_unused_suppressions(settings)
        or may_call_einsum(source.text, settings.functions)
    )


def shortened(source: SourceFile, functions: tuple[str, ...]) -> ParsedFile | None:
    """The file with the tree of its excerpt.

    None where it has to be read as a whole: it is not split or parsed, something in it may
    be compared with a fused attention, or one call may compute what is found: that is to be proved.
    """
    # Most files have no attention.
    from einlint.source.attention.excerpt import excerpt
    from einlint.source.attention.fused_elsewhere import FusedElsewhere

    text = excerpt(source.text)
    if text is None:
        return None
    try:
        parsed = parsed_with(tree_of(text), source, functions)
    except UnparsableError:
        return None
    if FusedElsewhere.of(parsed).is_compared:
        return None
    return parsed if all(each.obstacles for each in parsed.facts(HandWrittenAttention)) else None
