"""What code elsewhere in a file may change about a function, as far as words tell."""

import re
from collections.abc import Collection
from typing import Final

# A pattern that starts with a word is searched for as fast as the word.
_PATCHING: Final = (r"setattr\b", r"delattr\b", r"patch\s*\(", r"object\s*\(", r"spy\s*\(")
_RESHAPING: Final = (
    "unsqueeze|squeeze|transpose|t|resize|resize_as|set|swapaxes|swapdims|as_strided|rename"
)
_HELD: Final = r"data|shape|forward|(?<!\bself\.)weight|(?<!\bself\.)bias"
_SET: Final = r"\s*(?:[-+*/@%&|^]|//|\*\*|<<|>>)?=(?!=)"
# What makes a file unsure, and more: see `einlint.source.soundness`.
_UNSETTLING: Final = tuple(
    re.compile(pattern)
    for pattern in (
        *_PATCHING,
        *(rf"{name}\b" for name in ("exec", "globals", "locals", "vars")),
        *(
            rf"{name}(?<![:|,(\[] {name})(?<![:|,(\[]{name})\.\w+{_SET}"
            for name in ("torch", "Tensor", "nn", "functional", "F", "Module", "einops")
        ),
        r"out=(?<=\Wout=)",
        r"out\s*=(?!=)(?<=[(,]out =)",
        r"register_(?:module_)?forward_",
        rf"\.(?:(?:{_RESHAPING})_\b|(?:{_HELD})\b(?:\s+in\b|,[\w .,*]* = |{_SET}))",
    )
)
_PATCHED: Final = tuple(map(re.compile, _PATCHING))
_GLOBAL: Final = re.compile(r"[\n;:][ \t]*global[ \t]((?:[\w, \t]|\\\r?\n)+)")
# Methods of tensors that are known by their names and arguments, unless the file has its own.
_METHODS: Final = re.compile(
    r"def[ \t]+(?:view|reshape|expand|repeat|broadcast_to|new_zeros|new_ones|new_empty)\b"
)
_WORD: Final = re.compile(r"\w+")
# Where an attention may be there to be compared with another: see `FusedElsewhere`.
_TESTING: Final = re.compile(r"(?:^|[/\\_])(?:tests?|bench|assert|conftest|naive|reference)")
_COMPARING: Final = ("allclose", "assert_close", "assert_almost_equal")
_FUSED: Final = ("product_att", "flash", "flex", "efficient_att", "xformers", "sdp", "sage")


def may_be_unsure(text: str) -> bool:
    """Whether anything in a text may leave no claim about shapes sure."""
    return any(pattern.search(text) for pattern in _UNSETTLING)


def may_rebind(text: str, names: Collection[str], called: Collection[str]) -> bool:
    """Whether a function may mean something else by code that does not stand beside its names.

    names: what the functions mention. called: the functions that they may call.
    """
    if _METHODS.search(text):
        return True
    if "global" in text:
        declared = (name for found in _GLOBAL.findall(text) for name in _WORD.findall(found))
        if any(name in names for name in declared):
            return True
    if any(f".{name}" in text and re.search(rf"\.{name}\b(?!\s*\()", text) for name in called):
        return True
    is_patched = any(f"{name}{quote}" in text for name in called for quote in "'\"")
    return is_patched and any(pattern.search(text) for pattern in _PATCHED)


def may_be_compared(filename: str, text: str, part: str) -> bool:
    """Whether the file, or a part of it, may have a fused attention, or one to compare with."""
    if _TESTING.search(filename) or any(word in text for word in _COMPARING):
        return True
    lowered = part.lower()
    return any(word in lowered for word in _FUSED)
