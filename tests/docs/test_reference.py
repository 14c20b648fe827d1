"""Pages of the reference that people write: no key is missing, and their parts exist."""

import re
import sys
from pathlib import Path

import pytest

from einlint import check_source
from einlint.output.records import record_of
from tests.cli.run import SOURCE
from tests.conftest import ROOT

PAGES = ROOT / "docs" / "reference"


def test_every_key_of_json_is_explained() -> None:
    found = check_source(SOURCE)
    (record,) = (record_of(each, found.places) for each in found.diagnostics)
    page = (PAGES / "json.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    assert set(record) <= keys
    assert keys <= {*record, "assumptions", "edits", "seen"}


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_the_parts_that_a_page_asks_for_exist(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    import generated

    text = page.read_text()
    filled = generated.filled(text)
    assert "<!-- generated:" not in filled
    assert (filled != text) is ("<!-- generated:" in text)
