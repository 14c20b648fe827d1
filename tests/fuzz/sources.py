"""Python sources from a grammar: einsum calls in every place, in every layout and encoding."""

import re
import sys
from codecs import BOM_UTF8

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

NAMES = ("a", "b", "q", "x1", "self", "\u00e9t\u00e9", "\u00b5", "\U0001d518", "\ufb01le")
COMMON = (
    *("ij,jk->ik", "ij,kj->ik", "bhqd,bhkd->bhqk", "i,i->", "ij->ji", "ii->i", "i,j->ij", "ij,ij"),
    *("...ij,...jk->...ik", "bij,bj->bi", "ij->", "bqhd,bkhd->bhqk", "ij,jk,kl->il", "bi,bi->b"),
    *(" i j , j k -> i k ", "", "->", "i->j", "iI,Ij->ij", "...,...->...", "ij,jk->ii", ",,->"),
)
# Chosen so that no code between the calls may be mistaken for a part of them.
PLAIN = (
    *(
        "1",
        "None",
        "'einsum'",
        'b"\\x00"',
        "-x1",
        "0x_1F",
        "1j",
        "...",
        "[]",
        "{**x1}",
        "x1[::2, ...]",
    ),
    *("'\u2028'", "'''\n # noqa \n'''", '"\\N{BULLET}"', "f'{x1!r:>{b}}'", "rb'\\'", "(yield)"),
    *("f'''{\nx1}'''", "(lambda *a, k=1, **b: a)", "[i for i in b if i]", "x1 if b else q", "'#'"),
)
FUNCTIONS = (
    "torch.einsum",
    "einsum",
    "e",
    "torch . einsum",
    "t.functional.einsum",
    "(torch).einsum",
)
OPENINGS = ("", "", "", " ", "\n  ", "  # a (comment) \u00e9, 'quoted\n", "\\\n ", "\t", "\f")
BETWEEN = (", ", ",", ", ", " ,\n    ", ",  # why?\n  ", ", \\\n", ",\t", ",\n# own line )\n ")
CLOSINGS = ("", "", "", ",", " ", "\n", ",\n", "  # end \U0001d518\n")
AROUND = (
    *("{}", "{}", "{}", "({})", "-{}", "{} + 1", "2 ** {}", "{} ** 2", "not {}", "{}.sum(-1)"),
    *("f({}, *{})", "[{}, {}]", "{{'k': {}}}", "(w := {})", "lambda x: {}", "{} if {} else {}"),
    *("f'{{{}}}'", 'f"{{{}:>3}} {{{}!r}}"', "f'{{{}=}}'", "[{} for a in {} if {}]", "{}[{}]"),
    *("{} @ {}", "a.T @ {}", "({}\n  @ {})", "(await {})", "x1[{}:{}]", "{}\\\n  * 3", "({},)"),
    *("print({}, end='')", "torch.softmax({}, -1) / {}", "1if {}else 2", "{} .T", "{} is {}"),
)
STATEMENTS = (
    *("r = {}", "r = {}", "{}", "r, *s = {}, {}", "return {}", "r: int = {}", "assert {}, {}"),
    *("del r; r = {}; s = {}", "r += {}  # noqa: EIN104", "r = {}  # einlint: ignore[EIN1] why"),
    *(
        "x.y[0] = {};",
        "raise E({}) from {}",
        "global g; g = {}",
        "yield {}",
        "# {}",
        "r = {} # noqa",
    ),
    *("'''einsum {}'''", "if x1: r = {}", "exec('torch.einsum = 1')", "torch.einsum = f", "pass"),
    *("import torch", "from torch import einsum as e, nn", "r = {}  # einlint: disable", "\f"),
)
HEADS = (
    *(
        "def f(a, b=None, *c, **d):",
        "def f(a, b: torch.Tensor) -> torch.Tensor:",
        "async def f(a, /):",
    ),
    *("class A(nn.Module):", "if {}:", "while {}:", "for a in {}:", "with {} as b, c:", "try:"),
    *("@d({})\ndef f(self):", "with torch.autocast('cuda'):", "match {}:\n {}case [a, *b] if {}:"),
    *("with (open(x1) as b,\n c):", "def f(\n  a = {},  # first\n):", "if True:  # noqa"),
)
NEW_HEADS = ("def f[T: int, *Ts](a: T) -> T:", "class A[T]:", "type X[T] = list[T]\nif x1:")
IMPORTS = (
    *("import torch\n", "import torch\nfrom torch import einsum\n", "import torch as t, torch\n"),
    *(
        "from torch import (\n  einsum as e,  # kept\n  einsum,\n)\nimport torch\n",
        "from torch import *\n",
    ),
    *(
        "try:\n import torch\nexcept ImportError: pass\n",
        "import torch; from torch import einsum as e\n",
    ),
    *(
        "'''Docs.'''\nfrom __future__ import annotations\nimport torch\n",
        "import numpy as torch\n",
        "",
    ),
    'import torch\na = torch.ones(2, 3)\nb: "torch.Tensor" = torch.rand(3, 4)\nq = b\n',
)
INDENTS = ("    ", "  ", "\t", " ")
ENCODINGS = ("utf-8", "utf-8", "utf-8", "latin-1", "cp1252", "shift_jis", "iso-8859-15", "utf-7")
NEWLINES = ("\n", "\n", "\r\n", "\r")
FIRST = (
    "",
    "",
    "",
    "#!/usr/bin/env python\n",
    "\f\n",
    "# \u00e9\n",
    "\n\n",
    "# mypy: ignore-errors\n",
)

TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
NOISE = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\x0c", b"\x1a", b"\\", b"'''", b'"', b"(", b")"),
    *(b"#", b"\n", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"einsum", b"->", b"\t", b"*", b"{", b"%"),
    *(b"# noqa", b"# einlint: ignore", b" := ", b"\xc2\x85", b"\xe2\x80\xae", b"lambda", b":"),
)


@st.composite
def equations(draw: DrawFn) -> str:
    """Mostly common ones; some of any letters, a few of which torch rejects."""
    if draw(st.integers(0, 3)):
        return draw(st.sampled_from(COMMON))
    terms = draw(st.lists(st.text("abij.", max_size=4), min_size=1, max_size=4))
    output = draw(st.none() | st.text("abij.", max_size=3))
    return ",".join(terms) + ("" if output is None else f"->{output}")


@st.composite
def calls(draw: DrawFn, depth: int, *, is_inline: bool = False) -> str:
    """A call; its operands may be calls themselves. Inline ones fit into any string."""
    if is_inline and sys.version_info < (3, 12):
        operands = ", ".join(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)))
        return f"{draw(st.sampled_from(FUNCTIONS))}(x1, {operands})"
    equation = draw(equations())
    quote = draw(st.sampled_from(("'", '"', '"', '"""', "r'", 'u"')))
    written = quote + equation + quote.lstrip("ru")
    if len(equation) > 3 and not draw(st.integers(0, 5)):
        written = f"{quote}{equation[:2]}{quote.lstrip('ru')} '{equation[2:]}'"
    count = equation.partition("->")[0].count(",") + 1
    if not draw(st.integers(0, 7)):
        count = draw(st.integers(0, 5))
    items = [written, *(draw(expressions(depth - 1)) for _ in range(count))]
    if not draw(st.integers(0, 7)):
        items[1:] = [f"*{'[' if count else ''}{', '.join(items[1:])}{']' if count else 'x1'}"]
    if not draw(st.integers(0, 40)):
        items[0] = f"equation={items[0]}"
    text = draw(st.sampled_from(FUNCTIONS)) + draw(st.sampled_from(("", "", "", " ", "\\\n")))
    text += "(" + draw(st.sampled_from(OPENINGS)) + items[0]
    for each in items[1:]:
        text += draw(st.sampled_from(BETWEEN)) + each
    return text + draw(st.sampled_from(CLOSINGS)) + ")"


@st.composite
def expressions(draw: DrawFn, depth: int) -> str:
    """A name, code that is no call, or calls within other code."""
    if depth <= 0 or not draw(st.integers(0, 2)):
        of_names = draw(st.integers(0, 4))
        return draw(st.sampled_from(NAMES if of_names else PLAIN))
    around = draw(st.sampled_from(AROUND))
    holes = around.replace("{{", "").replace("}}", "").count("{}")
    is_inline = "f'" in around or 'f"' in around
    return around.format(*(draw(calls(depth, is_inline=is_inline)) for _ in range(holes)))


@st.composite
def statements(draw: DrawFn, depth: int, indent: str) -> str:
    """One statement, or a block of several; each line is indented."""
    if depth > 0 and not draw(st.integers(0, 2)):
        heads = HEADS + (NEW_HEADS if sys.version_info >= (3, 12) else ())
        head = draw(st.sampled_from(heads))
        step = draw(st.sampled_from(INDENTS))
        filled = head.format(*(draw(calls(1)) for _ in range(head.count("{}"))))
        if head.startswith("match"):
            filled = head.format(draw(calls(1)), indent, draw(calls(1)))
            step = "  " + step
        body = draw(st.lists(statements(depth - 1, indent + step), min_size=1, max_size=3))
        tail = f"\n{indent}except (ValueError, RuntimeError): pass" if head == "try:" else ""
        lines = filled.split("\n") if head.startswith("@") else [filled]
        return "\n".join(indent + each for each in lines) + "\n" + "\n".join(body) + tail
    form = draw(st.sampled_from(STATEMENTS))
    if form[:1] in "#'":  # a comment, or a string
        return indent + form.format(draw(st.sampled_from(NAMES)) + "(einsum)")
    return indent + form.format(*(draw(expressions(2)) for _ in range(form.count("{}"))))


@st.composite
def texts(draw: DrawFn) -> str:
    """The text of a file, with LF."""
    body = draw(st.lists(statements(2, ""), min_size=1, max_size=5))
    if not draw(st.integers(0, 30)):  # more than any parser likes
        deep = draw(st.sampled_from((30, 90, 150, 400)))
        body.append(f"r = {'(' * deep}{draw(calls(1))}{')' * deep}")
        body.append("r = " + 'torch.einsum("i->i", ' * (deep // 2) + "a" + ")" * (deep // 2))
    end = draw(st.sampled_from(("\n", "\n", "\n", "", "\n\n", "\n#", "\n\f")))
    return draw(st.sampled_from(IMPORTS)) + "\n".join(body) + end


@st.composite
def scripts(draw: DrawFn) -> bytes:
    """The bytes of a file: its encoding, BOM, line ends and first lines vary too."""
    encoding, newline = draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(NEWLINES))
    first = draw(st.sampled_from(FIRST))
    if encoding != "utf-8":
        first += f"# -*- coding: {encoding} -*-\n"
    text = (first + draw(texts())).replace("\n", newline)
    if not draw(st.integers(0, 9)):
        text = text.replace(newline, draw(st.sampled_from(NEWLINES)), draw(st.integers(1, 5)))
    bom = BOM_UTF8 if encoding == "utf-8" and not draw(st.integers(0, 5)) else b""
    return bom + text.encode(encoding, "ignore")


def damaged(sources: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """The same with tokens deleted, doubled or swapped, and with bytes that do not belong there."""
    return _damaged(sources)


@st.composite
def _damaged(draw: DrawFn, sources: SearchStrategy[bytes]) -> bytes:
    data = draw(sources)
    for _ in range(draw(st.integers(1, 3))):
        pieces = TOKEN.findall(data)
        if not pieces:
            break
        at = draw(st.integers(0, len(pieces) - 1))
        other = draw(st.integers(0, len(pieces) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del pieces[at : at + 1 + other % 4]
            case 1:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 2:
                pieces.insert(at, pieces[other])
            case 3:
                pieces.insert(at, draw(st.sampled_from(NOISE)))
            case _:
                pieces.insert(at, draw(st.binary(min_size=1, max_size=3)))
        data = b"".join(pieces)
    return data
