"""Code actions without repetitions: two findings, or two kinds, may offer one and the same edit."""

from collections.abc import Iterable

from lsprotocol import types


def distinct(
    offered: Iterable[types.CodeAction], context: types.CodeActionContext
) -> list[types.CodeAction]:
    """Each action once, the first of those with one title and edit, for all of their findings.

    An editor that asks for kinds may want one edit in several; one that asks for none shows all.
    """
    found: dict[tuple[object, ...], types.CodeAction] = {}
    for action in offered:
        kind = None if context.only is None else action.kind
        first = found.setdefault((action.title, kind, repr(action.edit)), action)
        if first is not action and first.diagnostics and action.diagnostics:
            first.diagnostics = [*first.diagnostics, *action.diagnostics]
    return list(found.values())
