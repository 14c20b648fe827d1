"""The Python API: `import einlint` and what it offers, as a program uses it."""

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import einlint
from einlint.algebra.equation import EquationError
from einlint.diagnostics import Unjudged
from einlint.rewriting.explanation import SizeError
from einlint.settings import SettingsError
from tests.cli.run import FIXED, SOURCE, findings
from tests.cli.run import einlint as command
from tests.conftest import ROOT


def test_check_source_finds_what_the_command_line_finds(tmp_path: Path) -> None:
    result = einlint.check_source(SOURCE, filename="-")
    (found,) = result.diagnostics
    (expected,) = findings("-", cwd=tmp_path, stdin=SOURCE.encode())
    assert (found.code, found.filename) == (expected["code"], "-")
    start = result.place(found).start
    assert {"row": start.row, "column": start.column} == expected["location"]
    assert SOURCE[found.start : found.end] == SOURCE.splitlines()[4].partition("return ")[2]
    assert einlint.check_source("x = 1\n").diagnostics == ()
    found = einlint.check_source("import torch\ntorch.einsum(e, a)\n")
    assert found.unjudged == (Unjudged.NOT_LITERAL,)


def test_fix_source_gives_the_text_and_what_remains() -> None:
    more = f'{SOURCE}\n\nx = torch.einsum("i,j->ij", a, b)\n'
    result = einlint.fix_source(more, settings=einlint.Settings(pedantic=True))
    assert result.text == more.replace(SOURCE, FIXED)
    assert [each.code for each in result.fixed] == ["EIN105"]
    assert [each.code for each in result.remaining.diagnostics] == ["EIN102"]
    assert einlint.fix_source(more).remaining.diagnostics == ()
    everything = einlint.fix_source(more, unsafe=True)
    assert "einsum" not in everything.text
    assert everything.remaining.diagnostics == ()


def test_settings_are_those_given_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "einlint.toml").write_text('ignore = ["EIN1"]\n')
    monkeypatch.chdir(tmp_path)
    assert len(einlint.check_source(SOURCE, filename=str(tmp_path / "a.py")).diagnostics) == 1
    settings = einlint.Settings(ignore=("EIN105",))
    assert einlint.check_source(SOURCE, settings=settings).diagnostics == ()
    assert einlint.fix_source(SOURCE, settings=settings).text == SOURCE
    with pytest.raises(SettingsError, match="unknown rule code `EIN1O5`; did you mean"):
        einlint.check_source(SOURCE, settings=einlint.Settings(ignore=("EIN1O5",)))


def test_explain_says_what_the_command_says(tmp_path: Path) -> None:
    done = command("explain", "ij,jk->ik", "--size", "i=2,j=3,k=4", cwd=tmp_path)
    assert einlint.explain("ij,jk->ik", sizes={"i": 2, "j": 3, "k": 4}) == done.stdout.decode()
    assert "float32" not in einlint.explain("i->", {"i": 3}, dtype="float64")
    with pytest.raises(EquationError):
        einlint.explain("i->j")
    with pytest.raises(SizeError):
        einlint.explain("i->", {"k": 3})


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ntorch.einsum(\n",
        "# coding: latin-2000\nimport torch\ntorch.einsum('i->', a)\n",
        "# coding: latin-1\nimport torch\n\u03b1 = torch.einsum('i,i->', a, b)\n",
        "\ufeffimport torch\ntorch.einsum('i->', a)\n",
        "# coding: latin-1\rimport torch\r\u00e9 = torch.einsum('i,i->', a, b)\r",
        "import torch\n'\ud800', torch.einsum('i,i->', a, b)\n",
    ],
    ids=[
        "syntax",
        "unknown encoding",
        "not in the encoding",
        "byte order mark",
        "row without end",
        "no text",
    ],
)
def test_text_that_python_cannot_read_is_a_finding_and_comes_back(text: str) -> None:
    result = einlint.fix_source(text)
    assert (result.text, result.fixed) == (text, ())
    assert [each.code for each in result.remaining.diagnostics] == ["EIN000"]
    assert einlint.check_source(text) == result.remaining


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_keeps_its_encoding_and_its_line_ends(end: str) -> None:
    text = "# coding: latin-1\nimport torch\n\u00e9 = torch.einsum('i,i->', \u00e9, b)\n"
    given = text.replace("\n", end)
    expected = given.replace("torch.einsum('i,i->', \u00e9, b)", "\u00e9 @ b")
    assert einlint.fix_source(given).text == expected


def test_the_names_in_the_docs_are_there() -> None:
    named = re.findall(r"einlint\.(\w+)\b[()]", (ROOT / "docs/reference/api.md").read_text())
    assert {"check_source", "fix_source", "explain"} <= set(named) <= set(einlint.__all__)


def test_results_can_be_pickled() -> None:
    for result in (einlint.check_source(SOURCE), einlint.fix_source(SOURCE), einlint.Settings()):
        assert pickle.loads(pickle.dumps(result)) == result
        assert hash(result)


def test_import_is_light_and_the_rest_comes_when_it_is_asked_for() -> None:
    script = """
import sys
import einlint
loaded = sorted(name for name in sys.modules if name.startswith("einlint"))
assert loaded == ["einlint"], loaded
assert not {"libcst", "click", "torch"} & set(sys.modules)
assert {"check_source", "fix_source", "explain", "Settings", "__version__"} <= set(dir(einlint))
assert "->" in einlint.explain("i,i->")
import einlint.rewriting.explanation
assert "->" in einlint.explain("i,i->")
assert not {"libcst", "click", "torch"} & set(sys.modules)
assert not hasattr(einlint, "chek_source")
from einlint import check_source, explain, fix_source
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_no_file_is_opened_and_nothing_is_printed() -> None:
    """The first calls import what they need; the second ones are watched."""
    script = f"""
import sys
import einlint
def everything():
    einlint.check_source({SOURCE!r}, filename="setup.py")
    einlint.fix_source({SOURCE!r}, filename="setup.py", unsafe=True)
    einlint.explain("ij,jk->ik")
everything()
seen = []
sys.addaudithook(lambda event, _: seen.append(event))
everything()
outside = ("open", "os.", "socket.", "subprocess.", "import")
sys.exit("\\n".join(event for event in seen if event.startswith(outside)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_type_checker_knows_the_names(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(
        "import einlint\n"
        "reveal_type(einlint.check_source('', filename='a.py'))\n"
        "reveal_type(einlint.fix_source)\n"
        "reveal_type(einlint.explain('i->', {'i': 2}))\n"
        "einlint.chek_source('')\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "program.py"]
    environment = {"MYPYPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    types = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert types[0] == "einlint.linting.findings.Findings", done.stdout
    assert "einlint.linting.findings.Change" in types[1]
    assert "str" in types[2]
    assert 'has no attribute "chek_source"' in done.stdout
