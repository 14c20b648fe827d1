"""Where a call certainly runs outside of autocast."""

import ast
from itertools import pairwise
from typing import Final, TypeGuard

from einlint.source.ancestors import ancestors
from einlint.source.binder import BoundModule
from einlint.source.file import SourceFile
from einlint.source.scopes import ScopeKind

# Every way to switch it on has the word in its name.
_WORD: Final = "autocast"


def outside_of_autocast(call: ast.Call, bound: BoundModule, source: SourceFile) -> str | None:
    """Why autocast is off where the call runs; None where nothing proves it.

    Code of a function runs where it is called, and that of a module where it is first imported;
    what nobody imports, a notebook and what stands behind `if __name__ == "__main__"`, runs as
    it is written.
    """
    if bound.scopes[call].kind is not ScopeKind.MODULE or _WORD in source.text:
        return None
    around = list(ancestors(call, bound.parents))
    if any(isinstance(outer, (ast.With, ast.AsyncWith)) for outer in around):
        return None
    if source.places is not None:
        return "a notebook that never mentions autocast"
    if any(_is_main(outer) and inner in outer.body for inner, outer in pairwise([call, *around])):
        return "a script that never mentions autocast"
    return None


def _is_main(node: ast.AST) -> TypeGuard[ast.If]:
    match node:
        case ast.If(test=ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")])):
            return True
    return False
