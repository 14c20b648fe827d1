"""The plugin in the real flake8, as the metadata of the installed package tells flake8 of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from einlint.rulebook.selection import all_rules
from tests.cli.run import SOURCE, findings, write
from tests.conftest import ROOT

BATCHED = "import torch\nx = torch.einsum('bhqd,bhkd->bhqk', q, k)\n"
IMPLICIT = "import torch\nx = torch.einsum('bi,oij,bj', u, w, v)\n"
COMPLEX = "import torch\nx = torch.einsum('bi,oij,bj->bo', u, w, v)\n"
OPT_IN = ",".join(rule.code for rule in all_rules() if not rule.is_default)
DEFAULT_ROW = "5:12: EIN105 `bhqd,bhkd->bhqk` is a batched matrix product"

FINDING = re.compile(r"(.*?):(\d+):(\d+): (EIN\d+) (.*)")


def flake8(
    *arguments: str, cwd: Path, stdin: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished process; standard input may hold bytes that are no text."""
    command = [sys.executable, "-m", "flake8", *arguments]
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True)
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def codes(*arguments: str, cwd: Path) -> list[str]:
    """Our codes in the order of files and rows."""
    found = FINDING.findall(flake8(*arguments, ".", cwd=cwd).stdout)
    return [code for *_, code, _ in sorted(found)]


def test_flake8_knows_the_plugin_by_the_metadata(tmp_path: Path) -> None:
    version = flake8("--version", cwd=tmp_path).stdout
    assert "einlint: " in version, "the package is to be installed anew: pip install -e ."
    assert "bugbear: " in version


@pytest.mark.parametrize(
    ("ours", "flake8s"), [((), ()), (("--select", "ALL"), ("--extend-select", OPT_IN))]
)
def test_flake8_finds_what_einlint_finds(
    tmp_path: Path, ours: tuple[str, ...], flake8s: tuple[str, ...]
) -> None:
    """Same rules, same places, same words; a file that Python cannot parse is flake8's."""
    shutil.copytree(ROOT / "fixtures" / "rules", tmp_path / "rules")
    write(tmp_path, {"einlint.toml": "pedantic = true"})
    expected = {
        (each["filename"], *each["location"].values(), each["code"], each["message"])
        for each in findings(*ours, "rules", cwd=tmp_path)
        if each["code"] != "EIN000"
    }
    found = FINDING.findall(flake8(*flake8s, "rules", cwd=tmp_path).stdout)
    assert {(name, int(row), int(column), *rest) for name, row, column, *rest in found} == expected
    assert len(expected) > 100


def test_a_finding_has_the_row_and_the_column_of_the_call(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = flake8("a.py", cwd=tmp_path)
    assert (done.stdout, done.returncode) == (f"a.py:{DEFAULT_ROW}\n", 1)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("é = '日本', torch.einsum('i,i->', a, b)\n".encode(), "2:11"),
        ("\r\nx = '\U0001f600', torch.einsum('i,i->', a, b)\r\n".encode(), "3:10"),
        ("# é\nx = torch.einsum(\n    'i,i->',  # é\n    a,\n    b,\n)\n".encode(), "3:5"),
        (b"if x:\n\ty = torch.einsum('i,i->', a, b)\n", "3:6"),
    ],
    ids=["letters", "outside of the basic plane", "several rows", "tab"],
)
@pytest.mark.parametrize(
    ("bom", "is_stdin"),
    [(b"", False), (b"\xef\xbb\xbf", True)],
    ids=["file", "standard input with a BOM"],
)
def test_columns_count_characters(
    tmp_path: Path, content: bytes, place: str, bom: bytes, is_stdin: bool
) -> None:
    data = bom + b"import torch\n" + content
    (tmp_path / "a.py").write_bytes(data)
    name = ("-", "--stdin-display-name", "a.py") if is_stdin else ("a.py",)
    write(tmp_path, {"einlint.toml": "pedantic = true"})
    done = flake8("--select", "EIN101", *name, cwd=tmp_path, stdin=data)
    assert done.stdout.startswith(f"a.py:{place}: EIN101 "), done


def test_the_flake8_extension_of_vs_code_can_read_the_findings(tmp_path: Path) -> None:
    """With the format that it asks for: quoted, with a letter that it takes the severity from."""
    write(tmp_path, {"a.py": SOURCE})
    asked = "--format='%(row)d,%(col)d,%(code).1s,%(code)s:%(text)s'"
    (found,) = flake8(asked, "a.py", cwd=tmp_path).stdout.splitlines()
    place, _, message = found.strip("'").partition(":")
    assert place.split(",") == ["5", "12", "E", "EIN105"]
    assert message.startswith("`bhqd,bhkd->bhqk` is a batched matrix product")


def test_columns_count_characters_of_a_file_in_latin_1(tmp_path: Path) -> None:
    text = "# coding: latin-1\nimport torch\né = 'é', torch.einsum('i,i->', a, b)\n"
    (tmp_path / "a.py").write_bytes(text.encode("latin-1"))
    assert flake8("a.py", cwd=tmp_path).stdout.startswith("a.py:3:10: EIN101 ")


@pytest.mark.parametrize(
    ("source", "arguments", "expected"),
    [
        (IMPLICIT, (), []),
        (IMPLICIT, ("--extend-select", "EIN006"), ["EIN006"]),
        (IMPLICIT, ("--extend-select", "EIN00"), ["EIN006"]),
        (IMPLICIT, ("--select", "EIN006"), ["EIN006"]),
        (IMPLICIT, ("--select", "E,F,EIN"), []),
        (IMPLICIT, ("--select", "E"), []),
        (IMPLICIT, ("--ignore", "W5"), []),
        (IMPLICIT, ("--extend-select", "EIN006", "--ignore", "EIN006"), []),
        (IMPLICIT, ("--extend-select", "EIN998,B9"), []),
        (BATCHED, ("--select", "F"), []),
        (BATCHED, ("--select", "EIN"), ["EIN105"]),
        (BATCHED, ("--extend-ignore", "EIN10"), []),
        (BATCHED, ("--per-file-ignores", "a.py:EIN105"), []),
    ],
)
def test_flake8s_options_select(
    tmp_path: Path, source: str, arguments: tuple[str, ...], expected: list[str]
) -> None:
    write(tmp_path, {"a.py": source})
    assert codes(*arguments, cwd=tmp_path) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["EIN105"]),
        (("--extend-select", "EIN301"), ["EIN105", "EIN301"]),
        (("--extend-select", "EIN301", "--extend-ignore", "EIN105"), ["EIN301", "EIN301"]),
        (("--select", "EIN301"), ["EIN301", "EIN301"]),
    ],
)
def test_the_last_resort_is_asked_about_calls_that_flake8_shows_no_finding_of(
    tmp_path: Path, arguments: tuple[str, ...], expected: list[str]
) -> None:
    write(tmp_path, {"a.py": BATCHED, "b.py": COMPLEX})
    assert codes(*arguments, cwd=tmp_path) == expected


def test_a_call_with_noqa_is_no_case_for_the_last_resort(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BATCHED.replace("k)\n", "k)  # noqa: EIN105\n")})
    assert codes("--extend-select", "EIN301", cwd=tmp_path) == []


def test_noqa_on_the_first_row_of_a_call_is_flake8s(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": "extend-assume = ['no-comments']"})
    call = "import torch\nx = torch.einsum(  # noqa: {}\n    'bij,bjk->bik', a, b\n)\n"
    write(tmp_path, {"a.py": call.format("EIN105"), "b.py": call.format("EIN104")})
    write(tmp_path, {"c.py": f"# flake8: noqa\n{BATCHED}"})
    found = FINDING.findall(flake8(".", cwd=tmp_path).stdout)
    assert [each[:4] for each in found] == [("./b.py", "2", "5", "EIN105")]


@pytest.mark.parametrize(
    ("table", "arguments", "expected"),
    [
        ("ignore = ['EIN105']", (), []),
        ("ignore = ['EIN105']", ("--select", "E,F,EIN"), []),
        ("select = ['EIN001']", (), []),
        ("select = ['EIN001']", ("--extend-select", "EIN105"), ["EIN105"]),
        ("extend-select = ['EIN006']", (), ["EIN105", "EIN006"]),
        ("extend-select = ['EIN006']", ("--extend-ignore", "EIN006"), ["EIN105"]),
        ("extend-select = ['EIN006']", ("--ignore", "W5"), ["EIN105", "EIN006"]),
        ("exclude = ['a.py']\nselect = ['ALL']", (), ["EIN006"]),
        ("exclude = ['src/pack']", (), []),
        ("exclude = ['src']", (), []),
        ("per-file-ignores = { 'src/*' = ['EIN1'] }", ("--extend-select", "EIN105"), []),
        ("allow = ['bhqd,bhkd->bhqk']", (), []),
    ],
)
def test_settings_of_the_project_are_read(
    tmp_path: Path, table: str, arguments: tuple[str, ...], expected: list[str]
) -> None:
    write(tmp_path, {"pyproject.toml": f"[tool.einlint]\n{table}\n"})
    write(tmp_path / "src" / "pack", {"a.py": BATCHED, "b.py": IMPLICIT})
    assert codes(*arguments, cwd=tmp_path) == expected


def test_each_file_has_the_settings_of_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "one", {"einlint.toml": "ignore = ['EIN105']", "a.py": BATCHED})
    write(tmp_path / "two", {"einlint.toml": "extend-select = ['EIN006']", "b.py": IMPLICIT})
    write(tmp_path / "three", {"a.py": BATCHED, "b.py": IMPLICIT})
    assert codes(cwd=tmp_path) == ["EIN105", "EIN006"]


def test_standard_input_has_the_settings_of_its_name(tmp_path: Path) -> None:
    """The file on disk holds something else, or does not exist."""
    write(tmp_path, {"src/a.py": "", "src/einlint.toml": "ignore = ['EIN104', 'EIN105']"})
    for name, expected in (("src/a.py", ""), ("b.py", f"b.py:{DEFAULT_ROW}\n")):
        arguments = ("-", "--stdin-display-name", name)
        assert flake8(*arguments, cwd=tmp_path, stdin=SOURCE.encode()).stdout == expected
    done = flake8("-", cwd=tmp_path, stdin=SOURCE.encode())
    assert done.stdout == f"stdin:{DEFAULT_ROW}\n"


def test_worker_processes_know_options_and_settings(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": "ignore = ['EIN108']"})
    write(tmp_path, {f"a{number}.py": BATCHED for number in range(4)})
    write(tmp_path, {f"b{number}.py": IMPLICIT for number in range(4)})
    write(tmp_path, {"c.py": "import torch\nx = torch.einsum('ij->ji', a)\n"})
    arguments = ("--extend-select", "EIN006")
    assert codes("-j", "2", *arguments, cwd=tmp_path) == ["EIN105"] * 4 + ["EIN006"] * 4


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("ignroe = []", "pyproject.toml: unknown key `ignroe`; did you mean `ignore`?"),
        ("select = ['EIN1o5']", "unknown rule code `EIN1o5`; did you mean `EIN105`?"),
        ("select = [", "pyproject.toml: "),
    ],
)
def test_wrong_settings_are_one_line_for_a_file_that_they_matter_to(
    tmp_path: Path, table: str, said: str
) -> None:
    write(tmp_path, {"pyproject.toml": f"[tool.einlint]\n{table}\n", "a.py": BATCHED, "b.py": ""})
    done = flake8("--extend-ignore", "F", "a.py", "b.py", cwd=tmp_path)
    assert done.stdout.startswith("a.py:0:1: EIN000 not checked: ")
    assert str(tmp_path) in done.stdout
    assert said in done.stdout
    assert (done.stdout.count("\n"), done.returncode, done.stderr) == (1, 1, "")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("extend = '~nouser/x.toml'", "einlint.toml: `extend` names `~nouser/x.toml`"),
        (f"select = {'[' * 5000}{']' * 5000}", "einlint.toml: it is nested too deeply"),
    ],
)
def test_settings_that_cannot_be_read_end_nothing_but_their_folder(
    tmp_path: Path, table: str, said: str
) -> None:
    write(tmp_path, {"wrong/einlint.toml": table, "wrong/a.py": BATCHED, "right/b.py": BATCHED})
    for jobs in ("1", "2"):
        done = flake8("-j", jobs, "--extend-ignore", "F", ".", cwd=tmp_path)
        right, wrong = sorted(done.stdout.splitlines())
        assert right.startswith("./right/b.py:2:5: EIN105 ")
        assert wrong.startswith("./wrong/a.py:0:1: EIN000 not checked: ")
        assert said in wrong
        assert (done.returncode, done.stderr) == (1, "")


def test_wrong_settings_are_told_whatever_is_selected_of_ours(tmp_path: Path) -> None:
    noqa = BATCHED.replace("torch\n", "torch  # noqa\n")
    write(tmp_path, {"einlint.toml": "ignroe = []", "a.py": noqa})
    for arguments in (("--select", "EIN105"), ("--extend-ignore", "EIN0")):
        assert ": unknown key `ignroe`" in flake8(*arguments, "a.py", cwd=tmp_path).stdout
    assert flake8("--select", "F4", "a.py", cwd=tmp_path).returncode == 0


def test_wrong_settings_do_not_stop_the_other_processes(tmp_path: Path) -> None:
    """An error raised in a worker process could leave flake8 waiting for ever."""
    write(tmp_path / "wrong", {"einlint.toml": "ignroe = []"})
    write(tmp_path / "wrong", {f"a{number}.py": BATCHED for number in range(8)})
    write(tmp_path / "right", {f"b{number}.py": BATCHED for number in range(8)})
    found = FINDING.findall(flake8("-j", "2", ".", cwd=tmp_path).stdout)
    assert [code for *_, code, _ in sorted(found)] == ["EIN105"] * 8 + ["EIN000"] * 8


def test_bugbear_and_einlint_report_side_by_side(tmp_path: Path) -> None:
    source = SOURCE.replace("k)", "k=[])", 1)
    write(tmp_path, {"a.py": source})
    assert [row.split()[1] for row in flake8(".", cwd=tmp_path).stdout.splitlines()] == [
        "B006",
        "EIN105",
    ]


def test_a_file_that_python_cannot_parse_is_reported_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"{SOURCE}    torch.einsum('i,i->' a b)\n", "b.py": BATCHED})
    done = flake8("--select", "E9,EIN", "a.py", "b.py", cwd=tmp_path)
    assert [row.split()[1] for row in done.stdout.splitlines()] == ["E999", "EIN105"]


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        ("x = 1\n", ()),
        ("import torch\nx = torch.ones(1)  # no einsum\n", ()),
        (BATCHED, ("--select", "F")),
        (BATCHED, ()),
    ],
)
def test_no_libcst_is_loaded(tmp_path: Path, content: str, arguments: tuple[str, ...]) -> None:
    write(tmp_path, {"a.py": content})
    script = """
import atexit, sys
atexit.register(lambda: print(sorted({'click', 'libcst', 'torch'} & set(sys.modules))))
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", script, *arguments, "a.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert ("EIN105" in done.stdout) == (content == BATCHED and not arguments)


def test_the_tree_that_flake8_has_parsed_is_used(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BATCHED})
    script = """
import sys
from einlint.source import finder
finder.module_of = None
from flake8.main.cli import main
sys.exit(main(["--select", "EIN", *sys.argv[1:]]))
"""
    command = [sys.executable, "-c", script, "a.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert [row.split()[1] for row in done.stdout.splitlines()] == ["EIN105"], done.stderr


@pytest.mark.parametrize("content", ["x = 1\n", BATCHED])
def test_the_collector_leaves_alone_what_the_first_finding_has_loaded(
    tmp_path: Path, content: str
) -> None:
    write(tmp_path, {"a.py": content, "b.py": content})
    script = """
import gc, sys
freezes = []
gc.freeze = lambda: freezes.append(None)
from flake8.main.cli import main
main(["-j", "1", *sys.argv[1:]])
print(len(freezes))
"""
    command = [sys.executable, "-c", script, "a.py", "b.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == str(int(content == BATCHED)), done.stderr
