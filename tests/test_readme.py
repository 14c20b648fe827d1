"""README: it stays short, its commands run, its links and figures are right."""

import re
from pathlib import Path

import pytest

from tests.cli.run import einlint, write
from tests.conftest import ROOT

README = ROOT / "README.md"
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]


def test_it_is_read_in_minutes() -> None:
    assert README.read_text().count("\n") <= 180


def test_the_commands_shown_run(tmp_path: Path) -> None:
    shown = re.findall(r"^\| `einlint (.*?)` \|", README.read_text(), re.M)
    assert len(shown) >= 8
    for command in shown:
        write(tmp_path, {"src/train.py": ""})
        arguments = [part.strip('"') for part in command.split()]
        assert einlint(*arguments, cwd=tmp_path).returncode == 0, command


@pytest.mark.parametrize("name", ["README.md", "docs/explanation/safe.md"])
def test_the_number_of_equations_is_that_of_the_table(name: str) -> None:
    (number,) = re.findall(r"All ([\d,]+) small equations", (ROOT / name).read_text())
    table = (ROOT / "fixtures" / "equations.tsv").read_text()
    assert int(number.replace(",", "")) == table.count("\n") - 1


def test_the_number_of_calls_is_that_of_the_report() -> None:
    report = (ROOT / "docs/explanation/report.md").read_text()
    calls = re.findall(r"^\| the (?:first|second) twenty \| ([\d,]+) \|", report, re.MULTILINE)
    total = sum(int(each.replace(",", "")) for each in calls)
    assert f"Of {total:,} calls in forty public repositories" in README.read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)(#[^)\s]*)?\)", page.read_text()):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor:
            assert anchor[1:] in anchors(file), anchor


def anchors(page: Path) -> set[str]:
    """The headings of a page as a forge names them in links."""
    headings = re.findall(r"^#+ (.*)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
