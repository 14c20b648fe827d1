"""Whether a file also uses another device than the CPU."""

import ast
import re
from typing import Final

from einlint.source.binder import BoundModule

_TEXT: Final = re.compile(r"(cuda|gpu|mps|xpu|npu|hpu|xla|tpu|mtia)(:\d*)?")
# Not `mps`: it also stands for matrix product states.
_ATTRIBUTES: Final = frozenset({"cuda", "xpu", "npu", "hpu", "mtia"})


def accelerator_use(bound: BoundModule) -> str | None:
    """How the code uses another device, as a phrase; None if it does not."""
    for attribute in bound.of_kind(ast.Attribute):
        if attribute.attr in _ATTRIBUTES:
            return f"names {attribute.attr}"
    for constant in bound.of_kind(ast.Constant):
        if isinstance(constant.value, str) and (found := _TEXT.fullmatch(constant.value)):
            return f"names {found[1]}"
    for call in bound.of_kind(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(attr="to"), args=[ast.Name(id=name), *_]):
                if name.endswith("device"):
                    return f"moves tensors to `{name}`"
    return None
