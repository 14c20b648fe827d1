"""What the command line says in this process, as most tests call it, a process says as well."""

from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, einlint, write
from tests.cli.test_notebooks import DOT, notebook

FILES = {
    "src/a.py": SOURCE,
    "src/é.py": 'import torch\n\nx = torch.einsum("i,j->ij", a, b)  # noqa: EIN101\n',
    "src/broken.py": "import torch\n\nx = torch.einsum('i', x) 1\n",
    "src/wrapped.py": 'from lib.ops import f\n\nx = f("i,i->", a, b)  # einlint: ignore[EIN1]\n',
    "src/excepted/a.py": SOURCE,
    "src/b.ipynb": notebook("import torch", f"%time\n{DOT}"),
    "old/a.py": SOURCE,
    ".git/HEAD": "",
    ".gitignore": "old\n",
    "base.toml": 'extend-select = ["EIN901"]\nfunctions = ["lib.ops.f"]\n',
    "einlint.toml": 'extend = "base.toml"\nper-file-ignores = { "excepted/*" = ["EIN105"] }\n',
}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--fix", "src"),
        ("--fix", "--unsafe-fixes", "--fixable", "EIN1", "-o", "report", "src"),
        ("--diff", "--exclude", "broken.py"),
        ("--add-ignore", "as it was", "."),
        ("--select", "ALL", "--output-format", "concise", "--color", "always"),
        ("--statistics", "--exit-zero"),
        ("--show-settings",),
        ("--show-files", "--no-respect-gitignore"),
        ("--config", "base.toml", "-q"),
        ("--isolated", "nowhere.py"),
        ("--fxi",),
        ("baseline",),
        ("baseline", "--grow", "-o", "src"),
        ("explain", "bhqd,bhkd->bhqk", "--size", "b=2,h=3,q=4,k=5,d=6"),
        ("explain", "ij,jk->iz"),
        ("rule", "EIN105"),
        ("rule", "--all", "--output-format", "json"),
        ("trace", "nowhere.py"),
    ],
    ids=" ".join,
)
def test_it_is_the_same_in_a_process(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    outcomes = []
    for run, name in ((called, "first-folder"), (einlint, "second-folder")):
        write(tmp_path / name, FILES)
        done = run(*arguments, cwd=tmp_path / name)
        left = sorted(each for each in (tmp_path / name).rglob("*") if each.is_file())
        files = [(each.relative_to(tmp_path / name), each.read_bytes()) for each in left]
        told = [text.replace(name.encode(), b"") for text in (done.stdout, done.stderr)]
        outcomes.append((done.returncode, told, files))
    assert outcomes[0] == outcomes[1]
