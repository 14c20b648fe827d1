"""Our reader of calls against libcst, which reads every call once more before it is edited."""

import ast
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import einlint
from einlint.diagnostics import Edit
from einlint.linting import engine
from einlint.linting.judging import RuleError
from einlint.source import second_reader
from einlint.source.expression_tokens import printing_among
from einlint.source.lines import LineIndex
from einlint.source.parsing import module_of
from einlint.source.read_calls import ReadCalls, is_formatted_string
from einlint.source.spans import CallSpan, Span
from einlint.source.two_readers import readers_agree
from tests.conftest import ROOT

SOURCE = """import torch
q, k = torch.rand(2, 3, 4, 5), torch.rand(2, 3, 6, 5)
scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
"""
IN_F_STRING = "import torch\nx = f\"{torch.einsum('ij,jk->ik', a, b)}\"\n"
# libcst takes a millisecond for each.
SAMPLE = 1500
NOTE = "not fixed: no second reader of Python confirms where the parts of this call stand"

ODD_CALLS = [
    "f()",
    "f( # one\n)",
    "f(x for x in y)",
    "f( # one\n (x) for x in (y) if (z) # two\n )",
    "f((x for x in y))",
    "f((x for x in y), *((a)), **((b)), )",
    "(f)((x))",
    "((f))\\\n(\\\n((x))\\\n)",
    "f(a, # ) b\n (b), # (\n c)",
    "f(k = ((v)), *a, l=(w))",
    "f((yield))",
    "f((a := (b)))",
    "f([(a), *((b))], ((c), (d)), (), [])",
    "f(((a),))",
    "f(a)((b))[(c)]((d))",
    "f(lambda x=(1): (x), (y))",
    "f('#', '''\n#''', r'\\#', (\"(\"), # end\n)",
    "f(\x0ca,\x0c(b)\x0c)",
    "f(a,\r\n  (b), # two\r\n  c)",
    "f(a, # one\r  (b))",
    "f(a, # one\r\n (b) # ) end\r\n)",
    "f('\\\r\n', \\\r\n (a))",
    "f(\N{LATIN SMALL LETTER E WITH ACUTE}='\N{EURO SIGN}', b=(\N{GREEK SMALL LETTER ALPHA}))",
    "f(await_(x), not (a), (a) + (b), (a)(b), (a).b)",
    "f('a' 'b', ('c'\n'd'), (f'{x}' 'e'))",
    "f(f(f((a)), (f(b))), ((f(c))))",
]


def outermost_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that are in no other call and in no f-string."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Call):
            yield each
        elif not is_formatted_string(each):
            pending += ast.iter_child_nodes(each)


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """A call and all calls inside of it that are in no f-string."""
    if isinstance(node, ast.Call):
        yield node
    if not is_formatted_string(node):
        for child in ast.iter_child_nodes(node):
            yield from calls_in(child)


def disagreements(lines: LineIndex, call: ast.Call) -> list[tuple[CallSpan | None, str]]:
    """What our reader finds in a call of a file and libcst does not."""
    read = ReadCalls(lines)
    place = Span(*lines.extent(call))
    text = place.of(lines.text)
    theirs = {each.moved(place.start) for each in second_reader.calls_in(text)}
    assert theirs, text
    found = map(read.call, calls_in(call))
    return [(each, text) for each in found if each not in theirs]


@pytest.mark.parametrize("text", ODD_CALLS)
def test_odd_calls(text: str) -> None:
    lines = LineIndex.of(f"async def g():\r\n x = {text}\n")
    (call,) = outermost_calls(module_of(lines.text))
    assert disagreements(lines, call) == []
    assert readers_agree(text)


@pytest.mark.parametrize("folder", ["fixtures", "standard library"])
def test_both_readers_agree_on_every_call(folder: str) -> None:
    is_sample = folder != "fixtures"
    top = Path(sysconfig.get_path("stdlib")) if is_sample else ROOT / folder
    files = sorted(top.glob("*.py") if is_sample else top.rglob("*.py"))
    different: dict[str, tuple[LineIndex, ast.Call]] = {}
    for path in files:
        lines = LineIndex.of(path.read_bytes().decode().removeprefix("\ufeff"))
        for call in outermost_calls(module_of(lines.text)):
            different.setdefault(Span(*lines.extent(call)).of(lines.text), (lines, call))
    chosen = list(different.values())
    if is_sample:
        chosen = Random(0).sample(chosen, SAMPLE)
    assert len(chosen) > 1000
    assert [found for each in chosen for found in disagreements(*each)] == []


def test_in_f_strings_too() -> None:
    """Before Python 3.12 there is nothing to compare: libcst alone reads them."""
    texts = [
        'f"{f(x)=}{f((y))}"',
        'f"{f(1)!r:>{f(2)}}"',
        'f"{f(x=1)}{f(x=(1))=}"',
        "f\"{f'{f(1)=}'}{f'{f(2)}'=}\"",
        'f"\N{EURO SIGN}{f(a)}" f"\N{EURO SIGN}{f((b))}"',
    ]
    assert all(map(readers_agree, texts))
    tree = ast.parse(texts[0], mode="eval").body
    found = ReadCalls(LineIndex.of(texts[0])).calls_in_string(tree)
    assert [each.is_printed for each in found] == [True, False]


class TemplateStr(ast.expr):
    """The node of a t-string, as Python 3.14 has it."""


def test_a_t_string_is_a_formatted_string_under_every_python() -> None:
    assert is_formatted_string(TemplateStr())
    assert is_formatted_string(ast.parse("f'{x}'", mode="eval").body)
    assert not is_formatted_string(ast.parse("'{x}'", mode="eval").body)


def test_all_of_a_t_string_is_also_read_as_text() -> None:
    """By the tokens of Python 3.14: `t"{f(x)}" + f"{a=}{b}"`, and one string in the other."""
    template = [
        ("TSTRING_START", 0, 2),
        ("LBRACE", 2, 3),
        ("NAME", 3, 4),
        ("LPAR", 4, 5),
        ("NAME", 5, 6),
        ("RPAR", 6, 7),
        ("RBRACE", 7, 8),
        ("TSTRING_END", 8, 9),
    ]
    formatted = [
        ("FSTRING_START", 12, 14),
        ("LBRACE", 14, 15),
        ("NAME", 15, 16),
        ("EQUAL", 16, 17),
        ("RBRACE", 17, 18),
        ("LBRACE", 18, 19),
        ("NAME", 19, 20),
        ("RBRACE", 20, 21),
        ("FSTRING_END", 21, 22),
    ]
    assert printing_among([*template, ("PLUS", 10, 11), *formatted]) == [Span(0, 9), Span(14, 18)]
    inside = [(name, start + 30, end + 30) for name, start, end in template]
    within = [("FSTRING_START", 26, 28), ("LBRACE", 28, 29), *inside, ("RBRACE", 40, 41)]
    assert printing_among([*within, ("FSTRING_END", 41, 42)]) == [Span(30, 39)]


@pytest.mark.parametrize(
    "text",
    [
        "x = t\"{torch.einsum('ij,jk->ik', a, b)}\"",
        "x = t\"{torch.einsum('ij,jk', a, b)!r:>9}\"",
        "x = f\"{t'{torch.einsum('ij,jk->ik', a, b)}'}\"",
        "x = t\"{f'{torch.einsum('ij,jk->ik', a, b)}'}\"",
        "x = t'''{1}\n{torch.einsum('ij,jk->ik', a, b)}'''",
    ],
)
def test_nothing_in_a_t_string_is_edited(text: str) -> None:
    """A Python that does not know it cannot parse the file."""
    settings = einlint.Settings(select=("ALL",), pedantic=True, annotate=True)
    result = einlint.fix_source(f"import torch\n{text}\n", settings=settings, unsafe=True)
    assert (result.text, result.fixed) == (f"import torch\n{text}\n", ())
    assert result.remaining.diagnostics


def test_where_brackets_nest_too_deeply_no_reader_reads() -> None:
    text = f"f({'(' * 100}a{')' * 100})"
    lines = LineIndex.of(text)
    (call,) = outermost_calls(module_of(text))
    assert ReadCalls(lines).call(call) is None
    assert second_reader.calls_in(text) == ()
    assert not readers_agree(text)


@pytest.mark.parametrize("form", [" + ".join(["a"] * 1500), f"a{'.abs()' * 700}"])
def test_of_thousands_of_terms_libcst_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """It took a second for two thousand, and four for twice as many."""

    def unasked(text: str) -> tuple[CallSpan, ...]:
        raise AssertionError(text)

    assert readers_agree(f"f(a + {'b, ' * 1500}c)")
    monkeypatch.setattr(second_reader, "calls_in", unasked)
    text = f"import torch\nx = torch.einsum('ij,jk->ik', {form}, b)\n"
    result = einlint.fix_source(text)
    assert result.text == text
    assert result.remaining.diagnostics[0].notes[-1] == NOTE


def test_no_fix_is_written_where_the_readers_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_more(text: str) -> tuple[CallSpan, ...]:
        return tuple(each.moved(1) for each in read(text)) if "bhqd" in text else read(text)

    read = second_reader.calls_in
    monkeypatch.setattr(second_reader, "calls_in", one_more)
    text = f'{SOURCE}twice = torch.einsum("ij,jk->ik", a, b)\n'
    result = einlint.fix_source(text)
    assert [each.code for each in result.fixed] == ["EIN104"]
    assert result.text == text.replace('torch.einsum("ij,jk->ik", a, b)', "a @ b")
    (found,) = result.remaining.diagnostics
    assert (found.code, found.notes[-1]) == ("EIN105", NOTE)
    assert NOTE not in einlint.check_source(text).diagnostics[0].notes


def test_a_fix_is_never_written_whose_result_python_cannot_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "_edits", lambda parsed, chosen, settings: (Edit(0, 0, "("),))
    with pytest.raises(RuleError, match="the fixes of EIN105 at line 3 broke the file: "):
        einlint.fix_source(SOURCE)


def test_without_libcst_a_fix_rests_on_one_reader_and_on_parsing_its_result() -> None:
    """As in a browser."""
    script = f"""
import sys
sys.modules["libcst"] = None
import einlint
result = einlint.fix_source({SOURCE!r})
assert "q @ k.transpose(-2, -1)" in result.text, result
in_f_string = einlint.check_source({IN_F_STRING!r})
assert len(in_f_string.calls) == 1, in_f_string
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_a_check_imports_no_libcst_and_a_fix_does() -> None:
    script = f"""
import sys
import einlint.api
assert einlint.api.check_source({SOURCE!r}).diagnostics
assert not [name for name in sys.modules if name.startswith("libcst")]
einlint.api.fix_source({SOURCE!r})
assert "libcst" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
