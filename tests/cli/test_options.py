"""The remaining options of check: what is shown, where the report goes, what is fixed."""

import json
import os
import stat
import threading
import tomllib
from pathlib import Path

import pytest

from einlint.settings import Settings, declared, settings_of
from tests.cli.run import FIXED, SOURCE, called, findings, write

TWO = SOURCE + '\n\ndef dot(a, b):\n    return torch.einsum("i,i->", a, b)\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {"a.py": TWO, "s/b.py": SOURCE, "s/c.py": "x = 1\n", "build/d.py": SOURCE})
    return tmp_path


def test_show_files_lists_what_would_be_checked(project: Path) -> None:
    done = called("--show-files", cwd=project)
    assert (done.returncode, done.stdout) == (0, b"a.py\ns/b.py\ns/c.py\n")
    done = called("--show-files", "--fix", "s", "build/d.py", "s/b.py", cwd=project)
    assert done.stdout == b"s/b.py\ns/c.py\nbuild/d.py\n"
    assert (project / "s/b.py").read_text() == SOURCE


def test_show_files_tells_what_it_cannot_visit(project: Path) -> None:
    write(project, {"s/einlint.toml": "x = 1\n"})
    done = called("--show-files", cwd=project)
    assert (done.returncode, done.stdout) == (2, b"a.py\n")
    assert b"unknown key `x`" in done.stderr


EVERYTHING = """
select = ["EIN1"]
extend-select = ["EIN006"]
ignore = ["EIN108"]
per-file-ignores = { "tests/*" = ["EIN105"], 'q"\\' = [] }
allow = ["ij,jk->ik"]
fixable = ["EIN10"]
unfixable = ["EIN101"]
exclude = ["\u65e5"]
extend-exclude = ["\\u007f\\n"]
force-exclude = true
respect-gitignore = false
assume = []
extend-assume = ["same-layout"]
matmul = "function"
transpose = "mT"
pedantic = true
annotate = true
trust-trace = true
torch-version = "2.0"
docs-url = "https://example.org/einlint"
functions = ["mylib.einsum"]
verify = { device = "cuda:1", dtype = ["int8"], sizes = { b = 8, "..." = 2 } }
"""


@pytest.mark.parametrize("text", [EVERYTHING, ""])
def test_settings_that_are_shown_can_be_pasted_back(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"einlint.toml": text, "s/a.py": ""})
    done = called("--show-settings", "s/a.py", cwd=tmp_path)
    assert done.returncode == 0
    shown = done.stdout.decode()
    assert shown.startswith(f"# from {tmp_path}/einlint.toml\n[tool.einlint]\n")
    pasted = settings_of(tomllib.loads(shown)["tool"]["einlint"])
    assert pasted == settings_of(tomllib.loads(text))
    default = Settings()
    changed = [
        key
        for key in declared()
        if getattr(pasted, key.replace("-", "_")) != getattr(default, key.replace("-", "_"))
    ]
    assert changed == (list(declared()) if text else [])


OPTIONS = [key for key, setting in declared().items() if setting.option is not None]


@pytest.mark.parametrize("key", OPTIONS)
def test_the_value_of_an_option_reaches_its_setting(tmp_path: Path, key: str) -> None:
    wanted = tomllib.loads(EVERYTHING)[key]
    if isinstance(wanted, bool):
        given = (f"--{key}" if wanted else f"--no-{key}",)
    else:
        texts = wanted if isinstance(wanted, list) else [wanted]
        given = tuple(part for text in texts for part in (f"--{key}", str(text)))
    shown = called("--show-settings", *given, cwd=tmp_path).stdout.decode()
    found = tomllib.loads(shown)["tool"]["einlint"][key]
    assert found[-1].endswith(wanted[-1].strip()) if isinstance(wanted, list) else found == wanted


def test_settings_are_shown_with_the_options_over_them(tmp_path: Path) -> None:
    shown = called("--show-settings", "--ignore", "EIN1", cwd=tmp_path).stdout.decode()
    assert "# from no file: the defaults\n# with the options of the command line\n" in shown
    assert 'ignore = ["EIN1"]\n' in shown


def test_the_report_goes_to_a_file(project: Path) -> None:
    done = called("--output-format", "json", "-o", "new/r.json", cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    report = project / "new/r.json"
    assert [each["filename"] for each in json.loads(report.read_text())] == [
        "a.py",
        "a.py",
        "s/b.py",
    ]
    assert stat.S_IMODE(report.stat().st_mode) == stat.S_IMODE((project / "a.py").stat().st_mode)
    done = called("--fix", "--output-file", "new/r.json", cwd=project)
    assert done.returncode == 0
    assert report.read_text().endswith("\nFixed 3 findings, 0 left.\n")
    assert [each.name for each in report.parent.iterdir()] == ["r.json"]


def test_the_diff_goes_to_a_file(project: Path) -> None:
    done = called("--diff", "-o", "fix.patch", "s", cwd=project)
    assert (done.returncode, done.stdout) == (1, b"")
    assert (project / "fix.patch").read_text().startswith("--- s/b.py\n+++ s/b.py\n")


def test_the_source_of_standard_input_does_not_go_to_the_file(project: Path) -> None:
    done = called("--fix", "-o", "r.txt", "-", cwd=project, stdin=SOURCE.encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, FIXED.encode(), b"")
    assert (project / "r.txt").read_text().endswith("\nFixed 1 finding, 0 left.\n")


def test_a_report_that_cannot_be_written_is_told(project: Path) -> None:
    done = called("-o", "a.py/r.txt", cwd=project)
    assert done.returncode == 2
    assert done.stderr.startswith(b"einlint: a.py/r.txt: ")


def test_a_pipe_stays_a_pipe(project: Path) -> None:
    pipe = project / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert called("-o", "pipe", "s", cwd=project).returncode == 1
    reader.join(10)
    assert (len(read), pipe.is_fifo()) == (1, True)
    assert b"Found 1 finding." in read[0]


def test_exit_non_zero_on_fix(project: Path) -> None:
    option = "--exit-non-zero-on-fix"
    assert called(option, "--fix", "s", cwd=project).returncode == 1
    assert called(option, "--fix", "s", cwd=project).returncode == 0
    assert called(option, "--exit-zero", "--fix", "a.py", cwd=project).returncode == 0


@pytest.mark.parametrize(
    ("options", "table", "fixed"),
    [
        ((), "", {"bhqd", "i,i"}),
        (("--unfixable", "EIN105"), "", {"i,i"}),
        (("--fixable", "EIN105"), "", {"bhqd"}),
        (("--fixable", "EIN10", "--unfixable", "EIN101"), "", {"bhqd"}),
        ((), 'fixable = ["EIN101"]', {"i,i"}),
        ((), "fixable = []", set()),
        ((), 'unfixable = ["ALL"]', set()),
        (("--fixable", "EIN105"), 'unfixable = ["EIN105"]', {"bhqd"}),
    ],
)
def test_only_fixable_rules_are_fixed_and_all_are_reported(
    tmp_path: Path, options: tuple[str, ...], table: str, fixed: set[str]
) -> None:
    write(tmp_path, {"einlint.toml": table, "a.py": TWO})
    before = called("--output-format", "concise", *options, cwd=tmp_path).stdout.decode()
    assert before.count("EIN10") == 2
    assert before.count("[*] `") == len(fixed)
    done = called("--fix", *options, cwd=tmp_path)
    assert done.returncode == (0 if len(fixed) == 2 else 1)
    text = (tmp_path / "a.py").read_text()
    assert {each for each in ("bhqd", "i,i") if each not in text} == fixed


def test_what_is_not_fixable_is_shown_without_edits(project: Path) -> None:
    (finding,) = findings("--unfixable", "ALL", "s", cwd=project)
    assert (finding["fix"]["applicability"], finding["fix"]["edits"]) == ("display", [])
    assert finding["fix"]["message"] == "Replace with `q @ k.transpose(-2, -1)`"


def test_quiet_prints_findings_only(project: Path) -> None:
    done = called("-q", "--output-format", "concise", "s", cwd=project)
    assert (done.returncode, done.stdout.count(b"\n"), done.stderr) == (1, 1, b"")
    assert called("--quiet", "s/c.py", cwd=project).stdout == b""
    assert called("-q", "--diff", "s", cwd=project).stderr == b""


def test_verbose_tells_the_files_the_settings_and_the_time(project: Path) -> None:
    write(project, {"einlint.toml": ""})
    done = called("-v", "--output-format", "json", "s", cwd=project)
    assert len(json.loads(done.stdout)) == 1
    lines = done.stderr.decode().splitlines()
    assert lines[:3] == [
        f"settings from {project}/einlint.toml",
        "checked s/b.py",
        "checked s/c.py",
    ]
    assert lines[3].startswith("2 files in ")
    assert len(lines) == 4
    done = called("-v", "-", cwd=project, stdin=SOURCE.encode())
    assert b"checked -\n1 file in " in done.stderr


def test_config_names_the_file_of_the_settings(project: Path) -> None:
    write(project, {"einlint.toml": 'ignore = ["EIN105"]\n', "s/einlint.toml": "x = 1\n"})
    write(project, {"c/own.toml": 'ignore = ["EIN101"]\nextend-exclude = ["s/b.py"]\n'})
    write(project, {"c/pyproject.toml": '[tool.einlint]\nignore = ["ALL"]\n'})
    found = findings("--config", "c/own.toml", cwd=project)
    assert [(each["filename"], each["code"]) for each in found] == [("a.py", "EIN105")]
    assert findings("--config", "c/pyproject.toml", cwd=project) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--config", "none.toml"), "'none.toml' does not exist"),
        (("--config", "pyproject.toml"), "pyproject.toml: it has no [tool.einlint] table"),
        (("--config", "a.py"), "a.py: "),
        (("--config", "pyproject.toml", "--isolated"), "cannot be combined"),
        (("--config", "codes.toml"), "settings of codes.toml: unknown rule code `EIN9x`"),
        (("--fixable", "EIN9x"), "unknown rule code `EIN9x`"),
        (("--unfixable", "EIN9x"), "unknown rule code `EIN9x`"),
        (("--show-files", "-"), "needs paths"),
        (("-j", "0"), "0 is not in the range"),
    ],
)
def test_wrong_options_exit_with_two(project: Path, options: tuple[str, ...], message: str) -> None:
    write(project, {"pyproject.toml": "[tool.other]\n", "codes.toml": 'ignore = ["EIN9x"]\n'})
    done = called(*options, cwd=project)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
