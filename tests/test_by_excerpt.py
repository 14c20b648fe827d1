"""What is said of a file by the part that decides is what reading all of it says.

Each text of the tests of attention goes through this too: see `tests/source/sdpa/functions.py`.
"""

import random
from dataclasses import replace

import pytest

from einlint.linting.by_excerpt import settled
from einlint.linting.engine import check
from einlint.settings import Settings
from einlint.source.attention.excerpt import excerpt_of
from einlint.source.file import SourceFile
from tests.conftest import ROOT
from tests.source.sdpa.functions import HEAD, OTHERS, agrees, whole

BLOCKED = """def attend(q, k, v, m):
    scores = torch.matmul(q, k.transpose(-2, -1)) * scale(q)
    weights = F.softmax(scores + m, dim=-1)
    return weights @ v, weights
"""
SHOWN = """def attend(q, k, v):
    return F.softmax(q @ k.transpose(-2, -1), dim=-1) @ v
"""
SCALE = "def scale(q):\n    return q.shape[-1] ** -0.5\n"


def test_a_blocked_attention_among_classes_is_settled() -> None:
    text = f"{HEAD}{OTHERS}\n\n{SCALE}\n\n{BLOCKED}\n\n{OTHERS}"
    excerpt = excerpt_of(text)
    assert excerpt is not None
    assert "Layer" not in excerpt.text
    assert "def scale" in excerpt.text
    assert agrees(text)
    (found,) = check(SourceFile("a.py", text), Settings()).diagnostics
    assert found.is_hidden
    assert text[found.start : found.end].startswith("torch.matmul(q")


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}{OTHERS}\n{SHOWN}",  # it is reported
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\n# einlint: ignore[EIN202]",
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}  # noqa",
        f"{HEAD}{OTHERS}\nclass Attention(nn.Module):\n    def forward(self, x):\n        "
        "return torch.softmax(x @ x, -1) @ x, self.forward\n",
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\nprint 'of Python 2'\n",
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\ntorch.einsum('ij->ji', x)\n",
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\nassert torch.allclose(x, y)\n",
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\n\ndef change():\n    global scale\n    scale = None\n",
        f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\nother.scale = None\n",
        f'{HEAD}{OTHERS}\n{SCALE}{BLOCKED}\n# """ is no string\n',
        f"{HEAD}{OTHERS}\n{BLOCKED}\n\N{LATIN SMALL LIGATURE FI}eld = 1\n",
    ],
)
def test_what_may_depend_on_more_is_read_as_a_whole(text: str) -> None:
    assert settled(SourceFile("a.py", text), Settings()) is None


@pytest.mark.parametrize(
    "settings",
    [
        Settings(pedantic=True),
        Settings(select=("ALL",)),
        Settings(extend_select=("EIN901",)),
        Settings(functions=("mine.scale",)),
    ],
    ids=str,
)
def test_settings_that_want_more_have_all_read(settings: Settings) -> None:
    text = f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}"
    assert settled(SourceFile("a.py", text), settings) is None


@pytest.mark.parametrize("name", ["tests/a.py", "test_a.py", "a/naive.py", "a/reference.py"])
def test_what_may_be_there_for_comparing_is_read_as_a_whole(name: str) -> None:
    assert not agrees(f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}", name)


# What stands elsewhere, and may say something of the function; `HERE` is the function.
ELSEWHERE = (
    "HERE\nscale = None\n",
    "def scale(q):\n    return 3\nHERE\n",
    "if x:\n    def scale(q):\n        return 3\nelse:\n    scale = None\nHERE\n",
    "from mine import scale\nHERE\n",
    "from mine import *\nHERE\n",
    "from mine import (\n    other,\n    scale as given,\n    several as scale,\n)\nHERE\n",
    "import mine as scale; F = None\nHERE\n",
    "HERE\nF = mine\n",
    "HERE\ndel F\n",
    "class scale:\n    oftmax = 1\nHERE\n",
    "@decorated(\n    1,\n)\ndef scale(q):\n    return 3\nHERE\n",
    "FACTOR = (\n0.5\n)\ndef scale(q):\n    return FACTOR\nHERE\n",
    "FACTOR = [\n0.5,\n]\ndef scale(q):\n    return FACTOR\nHERE\n",
    "FACTOR = \\\n0.5\ndef scale(q):\n    return FACTOR\nHERE\n",
    "TEXT = '''\nscale = 3\ndef attend(q):\n'''\nHERE\n",
    "def shape():\n    x.shape = 3\nHERE\n",
    "def hook():\n    layer.register_forward_hook(f)\nHERE\n",
    "setattr(torch, 'softmax', None)\nHERE\n",
    "class Tensor:\n    def view(self, *sizes):\n        return self\nHERE\n",
    "def test():\n    exec('scale = 3')\nHERE\n",
    "HERE\n\nif True:\n    attend = None\n",
    "__all__ = ['attend', 'Layer1', 'Layer2', 'Layer3', 'Layer4']\nHERE\n",
    "\N{LATIN SMALL LETTER E WITH ACUTE} = 1  # \N{HORIZONTAL ELLIPSIS}\nHERE\n",
)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
def test_what_stands_elsewhere_is_seen(end: str) -> None:
    count = 0
    for elsewhere in ELSEWHERE:
        text = f"{HEAD}{OTHERS}\n\n{elsewhere.replace('HERE', BLOCKED)}\n{OTHERS}"
        count += agrees(text.replace("\n", end))
        agrees(text.replace("\n", end).replace("@ v, weights", ""))
    assert count > 15


def test_fixtures_are_told_the_same_alone_and_among_others() -> None:
    texts = [path.read_text() for path in sorted((ROOT / "fixtures").rglob("*.py"))]
    texts = [each.replace("einsum", "einprod") for each in texts if "oftmax" in each]
    assert len(texts) > 5
    draw = random.Random(18)
    settled_some = 0
    for text in texts:
        settled_some += agrees(text)
        parts = [*text.split("\n\n\n"), *OTHERS.split("\n\n\n"), BLOCKED, SCALE]
        for _ in range(4):
            draw.shuffle(parts)
            settled_some += agrees(HEAD + "\n\n\n".join(parts[: len(parts) * 2 // 3]))
    assert settled_some > 5


def test_the_same_function_in_many_files_is_told_for_each() -> None:
    text = f"{HEAD}{OTHERS}\n{SCALE}{BLOCKED}"
    for name, front in (("a.py", ""), ("b.py", "x = 1\n"), ("c.py", '"""Text."""\n')):
        (found,) = check(SourceFile(name, front + text), Settings()).diagnostics
        (expected,) = whole(SourceFile(name, front + text)).diagnostics
        assert replace(found, fact=None) == replace(expected, fact=None)
        assert found.filename == name
