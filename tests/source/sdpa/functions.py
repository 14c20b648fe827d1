"""Short functions with attention, for the tests of how it is found and written."""

from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

HEAD = (
    "import math\nimport numpy as np\nimport torch\nfrom einops import rearrange\n"
    "from torch import nn\nfrom torch.nn import functional as F\n\n"
)


def function(body: str, parameters: str = "q, k, v, m=None, b=None, flag=False") -> str:
    """A function of statements that semicolons part; the last one is returned."""
    lines = [each.strip() for each in body.split(";")]
    lines[-1] = f"return {lines[-1]}"
    return f"{HEAD}def attend({parameters}):\n" + "".join(f"    {each}\n" for each in lines)


def attentions(text: str, filename: str = "a.py") -> list[HandWrittenAttention]:
    """The attention in a file."""
    return list(parse_file(SourceFile(filename, text)).facts(HandWrittenAttention))


def written(body: str) -> str:
    """The call that replaces the one attention of a function, or what is missing for it."""
    (found,) = attentions(function(body))
    if found.obstacles:
        return "; ".join(found.obstacles)
    replacement = found.replacement()
    assert replacement is not None
    return replacement.text if replacement.edits else replacement.obstacle


def behind_fix(text: str) -> str:
    """A file with one attention behind its fix; why there is none."""
    (found,) = attentions(text)
    replacement = None if found.obstacles else found.replacement()
    if replacement is None or not replacement.edits:
        return replacement.obstacle if replacement is not None else "; ".join(found.obstacles)
    for edit in reversed(replacement.edits):
        text = text[: edit.start] + edit.content + text[edit.end :]
    return text
