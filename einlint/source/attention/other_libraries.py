"""Files whose tensors are another library's: torch does not compute their attention."""

import ast
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.imports import may_bring_torch
from einlint.source.sdpa.starred import OTHER_TENSORS, imported

_TORCH: Final = "torch"
# What code calls modules of torch; another file may have brought them.
_USUAL: Final = frozenset({_TORCH, "nn", "F"})


def has_torch(bound: BoundModule) -> bool:
    """Whether a file imports torch, or may have it by a star import."""
    stars = bound.all_scopes[0].star_imports
    return _TORCH in imported(bound) or any(map(may_bring_torch, stars))


def has_other_tensors(bound: BoundModule) -> bool:
    """Whether a file computes with arrays of another library, and with none of torch."""
    libraries = imported(bound)
    if has_torch(bound):
        return False
    if not OTHER_TENSORS.isdisjoint(libraries):
        return True
    # Code of torch may import numpy alone, and ask tensors that it is given for their softmax.
    is_torch = "softmax" in bound.named(ast.Attribute) or _USUAL & bound.named(ast.Name).keys()
    return "numpy" in libraries and not is_torch
