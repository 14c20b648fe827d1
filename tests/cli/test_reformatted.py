"""What --add-ignore writes still silences every call after a formatter."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.run import called, findings, write

# {0} and {1} stand for calls. One form for each way in which a formatter ends a line.
FORMS = r"""
x = {0}
x = f({0}, {1}.sum())
x = self.dropout({0}).contiguous()
x = self.one(argument).two({0}).three(argument).four(argument, another_argument_of_it)
x: torch.Tensor = {0} + {1} * scale
x, y = {0}, {1}
x = [{0} for _ in range(2) if {1}]
x = {{"first": f({0}), "second": {1}}}
x = [\n    f({0}),\n    {1},\n]
x = (\n    {0}\n    + {1}.sum()\n)
x = f(lambda y, z=3: {0}, key={1})
x = {0} if {1} else y
x = f"{{torch.einsum('i,i->', a, b)}} and a text that makes it long, so that no line can hold it"
x = f'''\n{{torch.einsum('i,i->', a, b)}}\n''', {0}
x = f({0}, '''\n''', 3)
x = 1 + {0} \\\n    + 2 * f({1})
assert {0}.shape == (batch, rows), "the shapes of the operands and of the result do not fit at all"
x = {0}; y = f({1})
x = {0};
x[{0}.argmax()] = y[f({1})] = a_value_with_a_name_that_leaves_no_room_for_a_comment_on_its_line
x[{0}.argmax()]: int = a_value_with_a_name_that_leaves_no_room_for_a_comment_on_its_line_at_all
x[{0}] += a_value_with_a_name_that_leaves_no_room_for_a_comment_on_its_line_at_all_or_behind_it
if {0}.any() and f({1}):\n    pass\nelif g({0}):\n    pass\nelse: y = {1}
if {0}.any(): x = {1}; y = 3
while f({0}): pass
for x in zip({0}, {1}):\n    pass
for x in f(lambda y: {0}): print({1})
with f({0}) as y, g({1}) as z:\n    pass
with f(a) as x, \\\n        g({0}) as y:\n    pass
try: x = {0}\nexcept (f({1}), ValueError) as error:\n    pass
@dec(argument, f({0}), keyword={1})\n@other\ndef f():\n    return g({0}).contiguous()
def f(x={0}, *, y=g({1})) -> h({0}):\n    return (\n        {1}\n    )
def f(x: g({0}), y={1}): return f({0})
class A(f({0}), metaclass=g): x = {1}; y = h({0})
async def f():\n    async with h({1}) as y:\n        yield await g({0})
match f({0}):\n    case y if g({1}): pass
match x:\n    case [y] if f({0}):\n        del y[{1}], y[0]
print({0}, {1}, sep="", end="a text that is long enough for all this to be split", flush=True)
x = f({0}, [  # a comment\n    1, 2])
x = f({0})  # type: ignore[no-untyped-call]
x = f(\n    g({0}), h(a),\n    # a line of its own\n    {1}.sum())
f({0})
"""
CALLS = (
    'torch.einsum("bij,bjk->bik", left_operand, right_operand)',
    'torch.einsum("i,i->", a, b)',
    'torch.einsum(\n    "bij,bjk->bik",\n    left_operand,\n    right_operand,\n)',
    'torch.einsum("ij,jk", torch.einsum("i,j->ij", first_vector, second_vector), right_operand)',
)
CODES = ("--isolated", "--extend-select", "EIN901")


def statements() -> str:
    """All forms with different calls in them."""
    lines = FORMS.strip().replace("\\\\\\n", "\\\n").replace("\\n", "\n")
    pairs = zip(CALLS, (*CALLS[1:], CALLS[0]), strict=True)
    return "import torch\n" + "".join(f"{lines.format(*pair)}\n" for pair in pairs)


@pytest.fixture(scope="module")
def silenced(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("silenced")
    write(folder, {"a.py": statements()})
    assert len(findings(*CODES, cwd=folder)) > 300
    assert called(*CODES, "--pedantic", "--add-ignore", "by hand", cwd=folder).returncode == 0
    return (folder / "a.py").read_text()


@pytest.mark.skipif(shutil.which("ruff") is None, reason="no ruff")
@pytest.mark.parametrize("width", ["60", "88", "100", "120"])
def test_a_formatter_parts_no_comment_from_its_call(
    tmp_path: Path, silenced: str, width: str
) -> None:
    write(tmp_path, {"a.py": silenced})
    command = ["ruff", "format", "--isolated", "--line-length", width, "a.py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    after = (tmp_path / "a.py").read_text()
    assert after != silenced
    found = findings(*CODES, cwd=tmp_path)
    lines = after.splitlines()
    assert [(each["code"], lines[each["location"]["row"] - 1]) for each in found] == []


SHORT = 'torch.einsum("i,i->", a, b)'
MARK = "# einlint: ignore[EIN101]"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = [\n    CALL,\n    CALL.x]", "x = [\n    CALL,  MARK\n    CALL.x]  MARK"),
        ("x = f(\n    CALL\n    .x)", "x = f(\n    CALL  MARK\n    .x)"),
        ("x = f(CALL, [\n    3])", "x = f(CALL, [\n    3])  MARK"),
        ("if f(CALL.x,\n        3):\n    pass", "if f(CALL.x,\n        3):  MARK\n    pass"),
        ("if f(CALL): x = 3", "if f(OPEN  MARK\n)): x = 3"),
        ("\tx = CALL ; y = 3", "\tx = OPEN  MARK\n\t) ; y = 3"),
        ("x = f(\n  a,\n  CALL[0]); y = 3", "x = f(\n  a,\n  OPEN  MARK\n  )[0]); y = 3"),
        ("x[CALL] = 3", "x[OPEN  MARK\n)] = 3"),
        ("x = y[CALL] == 3", "x = y[CALL] == 3  MARK"),
        ("x = f(lambda y=CALL: y)", "x = f(lambda y=CALL: y)  MARK"),
        ("x = lambda y=CALL: y", "x = lambda y=CALL: y  MARK"),
        ("@f(CALL.x)\ndef g():\n    pass", "@f(CALL.x)  MARK\ndef g():\n    pass"),
        ("x = f'{torch.einsum(\"i,i->\", a, b)}'; y = 3", None),
    ],
)
def test_where_a_comment_is_written(tmp_path: Path, before: str, after: str | None) -> None:
    """At the end of the call, of the statement or header, or inside the call: in this order."""

    def source(text: str) -> str:
        text = text.replace("CALL", SHORT).replace("OPEN", SHORT[:-1]).replace("MARK", MARK)
        return f"import torch\n{'if 1:' if text[0].isspace() else ''}\n{text}\n"

    write(tmp_path, {"a.py": source(before)})
    assert called(*CODES, "--pedantic", "--add-ignore", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == source(f"{before}  MARK" if after is None else after)


def test_a_line_end_inside_of_a_call_is_one_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(f"import torch\r\nx = {SHORT}; y = 3\r\n".encode())
    assert called("--pedantic", "--add-ignore", "--isolated", cwd=tmp_path).returncode == 0
    expected = f"import torch\r\nx = {SHORT[:-1]}  {MARK}\r\n); y = 3\r\n"
    assert (tmp_path / "a.py").read_bytes() == expected.encode()


def test_a_new_code_joins_a_comment_only_where_that_stays_with_the_call(tmp_path: Path) -> None:
    """The comment behind the bracket that is open silences the call, until that is split."""
    source = f"import torch\nx = f({SHORT}, [  # einlint: ignore[EIN301]\n    3])\n"
    write(tmp_path, {"a.py": source})
    assert called("--isolated", "--pedantic", "--add-ignore", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == source.replace("3])", f"3])  {MARK}")
    inside = f"import torch\nx = f({SHORT[:-1]}  # einlint: ignore[EIN301]\n)).x\n"
    write(tmp_path, {"a.py": inside})
    assert called("--isolated", "--pedantic", "--add-ignore", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == inside.replace("301]", "301, EIN101]")
