"""What a report parses of a file is enough to find the same attention in it."""

import ast
import re

import pytest

from einlint.diagnostics import Diagnostic
from einlint.linting.engine import check_parsed, read_python
from einlint.linting.shortened import hidden_findings
from einlint.settings import Settings
from einlint.source.attention.excerpt import excerpt
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
    "on a module that multiplies": f"""
class Product(nn.Module):
    def forward(self, q, k):
        return torch.matmul(q, k)
{LONG}
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.product = Product()
    def forward(self, q, k, v):
        attention = self.product(q, k.transpose(-2, -1)).softmax(-1)
        return self.product(attention, v)
""",
    "where a tab is behind the name": f"""
def attend(q, k, v):
    attention = F.softmax(torch.matmul\t(q, k.mT), -1)
    return torch.matmul \\
        (attention, v), attention
{LONG}""",
    "where a line goes on with a product": f"""
def attend(q, k, v):
    attention = (q
        @k.mT).softmax(-1)
    return attention\\
        @v, attention
{LONG}""",
    "beside marks of comments in strings": f"""
def attend(q, k, v):
    attention = name('\\'#\\'', F.softmax(q @ k.mT, -1)); return attention @ v, attention
def pay(q, k, v):
    attention = named('''
        # ''', F.softmax(q @ k.mT, -1)); return attention @ v, attention
{LONG}""",
    "with numbers that several names have": f"""
FIRST = LOW = -1e9
SIZE = 3; NEGATIVE = -1e9
def attend(q, k, v, m):
    attention = (q @ k.mT).masked_fill(m, LOW).softmax(-1)
    return attention @ v, attention
def pay(q, k, v, m):
    attention = (q @ k.mT).masked_fill(m, NEGATIVE).softmax(-1)
    return attention @ v, attention
{LONG}""",
    "without a name of torch": f"""
def mixed(attention, v):
    return attention @ v
def attend(q, k, v):
    attention = (q @ k.mT).softmax(-1)
    return mixed(attention, v)
{LONG}""",
    "behind a form feed": f"{LONG}\f{SEEN.lstrip()}{SEEN.replace('attend', 'pay')}",
    "behind a comment": f"# softmax @\n{SEEN}# softmax @\n",
    "beside a string": f"""
TEXT = '''
def attend(q, k, v):
    return 1
'''
{SEEN}""",
    "below a text at the margin": SEEN.replace("v):", "v):\n    '''\nAttention.\n    '''"),
    "below arguments at the margin": SEEN.replace("v):", "v):\n    print(\nq @ k, q\n)"),
    "behind a star": f"from torch import *\n{SEEN}{LONG}",
    "in a branch": f"if torch.cuda.is_available():\n{SEEN.replace(chr(10), chr(10) + '    ')}\n",
    "where a string goes on": f"def text():\n    return '''\nend'''\n{SEEN}",
    "under Windows": f"{SEEN}{LONG}".replace("\n", "\r\n"),
}


def shown(found: tuple[Diagnostic, ...]) -> list[tuple[object, ...]]:
    """Where attention is found, and what stands in the way."""
    return [(each.message, *each.places, each.covers, each.is_hidden) for each in found]


WHOLE = {
    *("beside a string", "in a branch", "where a string goes on"),
    *("below a text at the margin", "below arguments at the margin", "under Windows"),
    *("on what derives from it", "behind a form feed"),  # of the first, the report names lines
}


@pytest.mark.parametrize("name", RESTING)
def test_the_same_is_found(name: str) -> None:
    source = in_memory("attend.py", HEAD + RESTING[name])
    whole = read_python(source, Settings())
    assert isinstance(whole, ParsedFile)
    expected = shown(check_parsed(whole, Settings()).diagnostics)
    assert expected
    found = hidden_findings(source, Settings())
    assert found is None or shown(found.diagnostics) == expected
    assert (found is None) == (name in WHOLE)


def test_what_no_attention_rests_on_is_not_read() -> None:
    head = "import math\nimport torch\n"
    short = excerpt(f"{head}limit: int = 3\n{LONG}{SEEN}# Comment.\n{LONG}")
    assert short is not None
    assert short.text == f"import torch\n{SEEN}".replace("\n\n", "\n", 1)


def test_imports_of_a_file_without_torch_tell_whose_tensors_it_has() -> None:
    short = excerpt(f"import jax.numpy as jnp\nlimit: int = 3\n{LONG}{SEEN}")
    assert short is not None
    assert short.text.startswith("import jax.numpy as jnp\n")


def test_of_a_class_that_is_named_the_name_is_left() -> None:
    short = excerpt(f"{LONG}{SEEN.replace('return', 'Config(); return')}")
    assert short is not None
    assert [getattr(each, "name", "") for each in ast.parse(short.text).body] == [
        *("Config", "attend"),
    ]


def test_every_character_keeps_its_place() -> None:
    text = f"import math\nimport torch\n{LONG}AXIS = 1\n{SEEN.replace('-1', 'AXIS, math.pi')}"
    short = excerpt(text)
    assert short is not None
    assert {"AXIS", "math", "attend"} <= {*re.findall(r"\w+", short.text)}
    for offset, character in enumerate(short.text):
        assert text[short.place(offset)] == character


def test_a_softmax_and_a_product_in_two_functions_are_no_attention() -> None:
    short = excerpt("def a(x):\n    return x.softmax(-1)\ndef b(x, y):\n    return x @ y\n")
    assert short is not None
    assert not short.text


@pytest.mark.parametrize("line", ["# as softmax does", "@softmax.register"])
def test_a_softmax_or_a_product_in_a_comment_or_decorator_is_none(line: str) -> None:
    short = excerpt(f"def a(x, y):\n    {line}\n    def b(): pass\n    return x.bmm(y)\n")
    assert short is not None
    assert bool(short.text) == line.startswith("@")


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (
            "one that the call replaces",
            f"def attend(q, k, v):\n    return ({SCORES}).softmax(-1) @ v",
        ),
        ("one that is tested", f"{SEEN}torch.allclose(attend(*x)[0], flash_attention(*x))\n"),
        ("one that is no Python", SEEN.replace("return", "print v; return")),
    ],
)
def test_the_whole_file_is_read_for(function: str, text: str) -> None:
    assert hidden_findings(in_memory("attend.py", HEAD + text), Settings()) is None, function


def test_only_a_plain_report_on_attention_alone_reads_less() -> None:
    source = in_memory("attend.py", HEAD + SEEN)
    assert hidden_findings(source, Settings()) is not None
    for settings in (
        Settings(pedantic=True),
        Settings(functions=("attend",)),
        Settings(extend_select=("EIN901",)),
    ):
        assert hidden_findings(source, settings) is None


def test_a_comment_silences_what_is_hidden() -> None:
    text = HEAD + LONG + SEEN.replace("(-1)", "(-1)  # noqa: EIN202")
    found = hidden_findings(in_memory("attend.py", text), Settings())
    assert found is not None
    assert not found.diagnostics


def test_copies_of_a_function_are_found_in_their_own_files() -> None:
    first, second = (
        hidden_findings(in_memory(name, HEAD + before + SEEN), Settings())
        for name, before in (("a.py", ""), ("b.py", LONG))
    )
    assert first is not None
    assert second is not None
    (one,), (other,) = first.diagnostics, second.diagnostics
    assert (one.filename, other.filename) == ("a.py", "b.py")
    assert other.start - one.start == len(LONG)
