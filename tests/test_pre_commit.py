"""The hooks in the real pre-commit, taken from a commit of these files by another repository."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.run import FIXED, SOURCE, write
from tests.cli.test_notebooks import AFTER, BEFORE
from tests.conftest import ROOT

# What an installation is made of; the hooks come from it as it is now, committed or not.
PARTS = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "einlint", "pyproject.toml")
COMPLEX = """import torch


def mix(u, w, v):
    return torch.einsum("bi,oij,bj->bo", u, w, v)
"""
WRONG = COMPLEX.replace("->bo", "->bk")


def found_in(output: str) -> list[tuple[str, str]]:
    """The code and the place of each finding in the full format."""
    return re.findall(r"^\w+ (EIN\d+) .*\n *--> (.+)$", output, re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository, with an environment that no user's or machine's settings reach."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, fails: bool = False) -> str:
        """What a command prints; it has to end as expected."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        output = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, output
        return output

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run("git", "init", "--quiet")

    def commit(self, *, fails: bool = False) -> str:
        self.run("git", "add", "--all")
        return self.run("git", "commit", "--message", "a change", fails=fails)

    def history(self) -> int:
        return int(self.run("git", "rev-list", "--count", "--all"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One home of pre-commit for all tests, so that einlint is installed once."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    clean.pop("PYTHONPATH", None)  # the hook has to run what pre-commit installed
    person = {"NAME": "A Test", "EMAIL": "test@example.org"}
    names = {f"GIT_{who}_{key}": person[key] for who in ("AUTHOR", "COMMITTER") for key in person}
    home = str(tmp_path_factory.mktemp("pre-commit"))
    return {
        **clean,
        **names,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": home,
    }


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Repository:
    """A repository with a commit of einlint as it is here."""
    repository = Repository(tmp_path_factory.mktemp("einlint"), environment)
    repository.start()
    for part in PARTS:
        source, target = ROOT / part, repository.folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    repository.commit()
    return repository


@pytest.fixture
def project(tmp_path: Path, hooks: Repository) -> Callable[[str], Repository]:
    """Makes a repository whose commits one of the hooks looks at."""

    def make(hook: str) -> Repository:
        repository = Repository(tmp_path / "project", hooks.environment)
        repository.start()
        revision = hooks.run("git", "rev-parse", "HEAD").strip()
        source = f"- repo: {hooks.folder}\n  rev: {revision}\n  hooks: [{{id: {hook}}}]\n"
        write(repository.folder, {".pre-commit-config.yaml": f"repos:\n{source}"})
        repository.run(sys.executable, "-m", "pre_commit", "install")
        return repository

    return make


def test_findings_stop_a_commit(project: Callable[[str], Repository]) -> None:
    repository = project("einlint")
    write(repository.folder, {"a.py": SOURCE, "b.pyi": "x: int\n", "notes.txt": "einsum"})
    output = repository.commit(fails=True)
    assert found_in(output) == [("EIN105", "a.py:5:12")]
    assert repository.history() == 0
    assert (repository.folder / "a.py").read_text() == SOURCE
    write(repository.folder, {"a.py": FIXED})
    repository.commit()
    assert repository.history() == 1


def test_the_fixing_hook_stops_once(project: Callable[[str], Repository]) -> None:
    repository = project("einlint-fix")
    write(repository.folder, {"a.py": SOURCE, "b.py": COMPLEX})
    output = repository.commit(fails=True)
    assert "files were modified by this hook" in output
    assert repository.history() == 0
    assert (repository.folder / "a.py").read_text() == FIXED
    assert (repository.folder / "b.py").read_text() == COMPLEX
    repository.commit()
    assert repository.run("git", "show", "HEAD:a.py") == FIXED


def test_the_fixing_hook_stops_for_what_it_cannot_fix(
    project: Callable[[str], Repository],
) -> None:
    repository = project("einlint-fix")
    write(repository.folder, {"a.py": WRONG})
    for _ in range(2):
        assert ("EIN003", "a.py:5:12") in found_in(repository.commit(fails=True))
    assert (repository.folder / "a.py").read_text() == WRONG


@pytest.mark.parametrize("hook", ["einlint", "einlint-fix"])
def test_every_kind_of_file(project: Callable[[str], Repository], hook: str) -> None:
    repository = project(hook)
    stub = "import torch\n\nx = torch.einsum('i,j->ik', a, b)\n"
    before = {"a.py": SOURCE, "b.pyi": stub, "c.ipynb": BEFORE}
    write(repository.folder, before)
    found = found_in(repository.commit(fails=True))
    assert ("EIN003", "b.pyi:3:5") in found
    is_fixing = hook == "einlint-fix"
    for place in (("EIN105", "a.py:5:12"), ("EIN101", "c.ipynb:cell 2:2:5")):
        assert (place in found) is not is_fixing
    after = {"a.py": FIXED, "b.pyi": stub, "c.ipynb": AFTER} if is_fixing else before
    assert {name: (repository.folder / name).read_text() for name in after} == after


def test_what_the_settings_exclude_stays_excluded(project: Callable[[str], Repository]) -> None:
    """pre-commit names every file, and a named file is checked as a rule."""
    repository = project("einlint-fix")
    write(repository.folder, {"einlint.toml": "exclude = ['legacy']\n", "legacy/a.py": SOURCE})
    repository.commit()
    assert repository.run("git", "show", "HEAD:legacy/a.py") == SOURCE


def test_the_hooks_install_no_torch(project: Callable[[str], Repository]) -> None:
    repository = project("einlint")
    repository.run(sys.executable, "-m", "pre_commit", "install-hooks")
    home = Path(repository.environment["PRE_COMMIT_HOME"])
    installed = {path.name for path in home.glob("repo*/py_env-*/lib/python*/site-packages/*")}
    assert {"libcst", "click"} <= installed
    assert not {"torch", "numpy", "flake8"} & installed


def test_the_hook_can_be_tried_before_it_is_configured(tmp_path: Path, hooks: Repository) -> None:
    repository = Repository(tmp_path / "project", hooks.environment)
    repository.start()
    write(repository.folder, {"a.py": SOURCE, "b.py": COMPLEX})
    repository.run("git", "add", "--all")
    command = ("try-repo", str(hooks.folder), "einlint", "--all-files")
    output = repository.run(sys.executable, "-m", "pre_commit", *command, fails=True)
    assert found_in(output) == [("EIN105", "a.py:5:12")]


@pytest.mark.parametrize(
    ("hook", "words"),
    [("ruff-format", "1 file reformatted"), ("ruff-check", "F401"), ("einlint", "EIN105")],
)
def test_the_hooks_for_work_on_einlint_run_the_tools_that_are_installed(
    tmp_path: Path, environment: dict[str, str], hook: str, words: str
) -> None:
    """As in a clone with the dev extra: nothing is installed by pre-commit itself."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    home = str(tmp_path / "home")
    own = {**environment, "PATH": tools, "PRE_COMMIT_HOME": home}
    repository = Repository(tmp_path / "project", own)
    repository.start()
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, repository.folder)
    wrong = SOURCE.replace("import torch", "import os\nimport torch").replace("q, k", "q,k")
    write(repository.folder, {"a.py": wrong, "fixtures/b.py": wrong})
    repository.run("git", "add", "--all")
    output = repository.run(
        sys.executable, "-m", "pre_commit", "run", hook, "--all-files", fails=True
    )
    assert words in output
    assert "fixtures" not in output
    assert not list(Path(home).glob("repo*"))
