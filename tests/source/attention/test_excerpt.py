"""What a report parses of a file is enough to find the same attention in it."""

import ast

import pytest

from einlint.linting.engine import read_python
from einlint.linting.shortened import may_be_shortened, shortened
from einlint.settings import Settings
from einlint.source.attention.excerpt import excerpt
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import in_memory
from einlint.source.finder import ParsedFile
from tests.source.sdpa.functions import HEAD

LONG = '''
class Config:
    """A class that no attention rests on:

    softmax of a product."""
    def build(self):
        return Attend()
'''
SCORES = "q @ k.mT"
SEEN = f"""
def attend(q, k, v):
    weights = ({SCORES}).softmax(-1)
    return weights @ v, weights
"""
RESTING = {
    "alone": SEEN,
    "behind another class": f"{LONG}{SEEN}",
    "in front of one": f"{SEEN}{LONG}",
    "on a helper": f"""
def repeat(x, n):
    return x[:, :, None].expand(2, 3, n, 5, 6).reshape(2, 3 * n, 5, 6)
{LONG}
def attend(q, k, v):
    k, v = repeat(k, 2), repeat(v, 2)
    weights = ({SCORES}).softmax(-1)
    return weights @ v, weights
""",
    "on a softmax of the file": f"""
def normal(x):
    return x.softmax(-1)
{LONG}
def attend(q, k, v):
    weights = normal({SCORES})
    return weights @ v, weights
""",
    "on a base": f"""
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.normal = nn.Softmax(dim=-1)
{LONG}
class Other(Base):
    pass
{LONG}
class Attend(Other):
    def forward(self, q, k, v):
        weights = self.normal({SCORES})
        return weights @ v, weights
""",
    "on what derives from it": f"""
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.normal = nn.Softmax(dim=-1)
    def forward(self, q, k, v):
        weights = self.normal({SCORES})
        return weights @ v, weights
{LONG}
class Heir(Attend):
    def change(self):
        self.normal = nn.Identity()
""",
    "on a constant": f"""
AXIS = -1
{LONG}
def attend(q, k, v):
    weights = ({SCORES}).softmax(AXIS)
    return weights @ v, weights
""",
    "under decorators": f"""
@torch.compile(
    dynamic=True
)
@torch.no_grad()
async def attend(q, k, v):
    weights = ({SCORES}).softmax(-1)
    return weights @ v, weights
{LONG}""",
    "beside a string": f"""
TEXT = '''
def attend(q, k, v):
    return 1
'''
{SEEN}""",
    "behind a star": f"from torch import *\n{SEEN}{LONG}",
    "in a branch": f"if torch.cuda.is_available():\n{SEEN.replace(chr(10), chr(10) + '    ')}\n",
    "where a string goes on": f"def text():\n    return '''\nend'''\n{SEEN}",
    "under Windows": f"{SEEN}{LONG}".replace("\n", "\r\n"),
}


def obstacles_in(parsed: ParsedFile) -> list[tuple[int, tuple[str, ...]]]:
    """Where attention is found, and what stands in the way."""
    return [(each.start, each.obstacles) for each in parsed.facts(HandWrittenAttention)]


@pytest.mark.parametrize("name", RESTING)
def test_the_same_is_found(name: str) -> None:
    source = in_memory("attend.py", HEAD + RESTING[name])
    whole = read_python(source, Settings())
    assert isinstance(whole, ParsedFile)
    found = shortened(source, ())
    assert found is None or obstacles_in(found) == obstacles_in(whole)
    is_whole = name in {
        *("behind a star", "in a branch", "where a string goes on", "under Windows"),
    }
    assert (found is None) == is_whole
    assert obstacles_in(whole)[:1] or name == "on what derives from it"


def test_what_no_attention_rests_on_is_not_parsed() -> None:
    text = excerpt(f"{LONG}{SEEN}{LONG}")
    assert text is not None
    assert "build" not in text
    assert [type(each) for each in ast.parse(text).body] == [
        *(ast.ClassDef, ast.FunctionDef, ast.ClassDef),
    ]


def test_lines_keep_their_numbers() -> None:
    text = f"{LONG}{SEEN}"
    shorter = excerpt(text)
    assert shorter is not None
    assert shorter.count("\n") == text.count("\n")
    assert shorter.endswith(SEEN)


def test_a_softmax_and_a_product_in_two_functions_are_no_attention() -> None:
    assert excerpt("def a(x):\n    return x.softmax(-1)\ndef b(x, y):\n    return x @ y\n") == ""


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (
            "one that the call replaces",
            f"def attend(q, k, v):\n    return ({SCORES}).softmax(-1) @ v",
        ),
        ("one that is tested", f"{SEEN}torch.allclose(attend(*x)[0], flash_attention(*x))\n"),
        ("one that is no Python", f"{SEEN}print 'done'\n"),
    ],
)
def test_the_whole_file_is_read_for(function: str, text: str) -> None:
    assert shortened(in_memory("attend.py", HEAD + text), ()) is None, function


def test_only_a_plain_report_on_attention_alone_reads_less() -> None:
    source = in_memory("attend.py", HEAD + SEEN)
    assert may_be_shortened(source, Settings())
    assert not may_be_shortened(source, Settings(pedantic=True))
    assert not may_be_shortened(source, Settings(functions=("attend",)))
    assert not may_be_shortened(source, Settings(extend_select=("EIN901",)))
