"""Short functions with attention, for the tests of how it is found and written."""

from einlint.linting.by_excerpt import settled
from einlint.linting.engine import check_parsed, read_python
from einlint.linting.findings import Findings
from einlint.settings import Settings
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

HEAD = (
    "import math\nimport numpy as np\nimport torch\nfrom einops import rearrange\n"
    "from torch import nn\nfrom torch.nn import functional as F\n\n"
)
LAYER = '''class Layer(nn.Module):
    """A layer."""

    def __init__(self, size):
        super().__init__()
        self.inner = nn.Linear(size, size)

    @property
    def size(self):
        return self.inner.in_features

    def forward(self, x):
        return self.inner(x).relu()


'''
# More than most functions, so that these are read alone.
OTHERS = "\n\n" + "".join(LAYER.replace("Layer", f"Layer{number}") for number in range(9))


def function(body: str, parameters: str = "q, k, v, m=None, b=None, flag=False") -> str:
    """A function of statements that semicolons part; the last one is returned."""
    lines = [each.strip() for each in body.split(";")]
    lines[-1] = f"return {lines[-1]}"
    return f"{HEAD}def attend({parameters}):\n" + "".join(f"    {each}\n" for each in lines)


def attentions(text: str, filename: str = "a.py") -> list[HandWrittenAttention]:
    """The attention in a file, with which reading the part that decides agrees."""
    agrees(text + OTHERS, filename)
    return list(parse_file(SourceFile(filename, text)).facts(HandWrittenAttention))


def whole(source: SourceFile) -> Findings:
    """The findings, by reading all of a file."""
    parsed = read_python(source, Settings())
    return parsed if isinstance(parsed, Findings) else check_parsed(parsed, Settings())


def agrees(text: str, filename: str = "a.py") -> bool:
    """Whether the part that decides settles anything, which is then what reading all says."""
    source = SourceFile(filename, text)
    found = settled(source, Settings())
    if found is None:
        return False
    expected = whole(source)
    assert found.diagnostics == expected.diagnostics
    others = expected.calls, expected.misspelt, expected.unjudged
    assert (found.calls, found.misspelt, found.unjudged) == others
    assert all(found.place(each) == expected.place(each) for each in found.diagnostics)
    return True


def written(body: str) -> str:
    """The call that replaces the one attention of a function, or what is missing for it."""
    (found,) = attentions(function(body))
    if found.obstacles:
        return "; ".join(found.obstacles)
    replacement = found.replacement()
    assert replacement is not None
    return replacement.text if replacement.edits else replacement.obstacle
