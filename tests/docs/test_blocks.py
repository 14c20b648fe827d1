"""Every block of code in the docs runs, and prints what stands below it."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Golden
from tests.docs.blocks import check_commands, evaluated

DOCS = ROOT / "docs"
PAGES = sorted(
    [path for path in DOCS.rglob("*.md") if not re.fullmatch(r"EIN\d+", path.stem)]
    + [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
)
LANGUAGES = {"", "console", "diff", "json", "lua", "python", "sh", "text", "toml", "yaml"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_page(page: Path, tmp_path: Path, golden: Golden) -> None:
    if "fixtures/notebooks" in page.read_text():
        place = Path("fixtures/notebooks")
        shutil.copytree(ROOT / place, tmp_path / place)
    golden.check(page, evaluated(page, tmp_path))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_names_a_language_that_is_run(page: Path) -> None:
    fences = re.findall(r"^ *```(.*)$", page.read_text(), re.MULTILINE)
    languages = [each for each in fences[::2] if not each.startswith("{")]
    assert "" not in languages
    assert set(languages) <= LANGUAGES


@pytest.mark.parametrize(
    "command",
    [
        "einlint --fixx src/",
        "einlint verify --fix src/",
        'pip install "<the clone>[gpu]"',
        'pip install "einlint[lsp]"',  # not ours on the index
        "python benchmarks/none.py",
        "python benchmarks/attention.py --slow",
        "pytest tests/none",
        "einlinter src/",
    ],
)
def test_a_command_that_does_not_exist_is_seen(command: str) -> None:
    with pytest.raises(AssertionError):
        check_commands(command)


def test_what_a_block_prints_is_compared(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    shown = "```python\nprint(1)\n```\n\n```text\n2\n```\n\n```console\n$ einlint .\nwrong\n```\n"
    page.write_text(shown)
    now = evaluated(page, tmp_path)
    assert "```text\n1\n```" in now
    assert "wrong" not in now
