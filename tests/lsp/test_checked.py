"""What was found in an open text is kept, as long as the text and its settings are the same."""

from pathlib import Path

import pytest
from pygls.workspace import TextDocument

from einlint.linting import second_reading
from einlint.lsp.checked import _MOST, Checked
from tests.cli.run import SOURCE, write


def test_a_text_is_checked_once_for_each_change_of_it_or_its_settings(tmp_path: Path) -> None:
    checked, uri = Checked(), (tmp_path / "a.py").as_uri()
    first = checked.script(TextDocument(uri, SOURCE, 1))
    assert first is not None
    assert checked.script(TextDocument(uri, SOURCE, 1)) is first
    changed = checked.script(TextDocument(uri, f"{SOURCE}\n", 2))
    assert changed is not first
    write(tmp_path, {"einlint.toml": 'ignore = ["EIN105"]\n'})
    ignored = checked.script(TextDocument(uri, f"{SOURCE}\n", 2))
    assert ignored is not None
    assert (len(first.findings.diagnostics), ignored.findings.diagnostics) == (1, ())


def test_the_texts_that_were_used_last_are_kept(tmp_path: Path) -> None:
    checked = Checked()
    items = [TextDocument((tmp_path / f"{n}.py").as_uri(), SOURCE, 1) for n in range(_MOST + 1)]
    found = [checked.script(each) for each in items]
    assert checked.script(items[-1]) is found[-1]
    assert checked.script(items[0]) is not found[0]


def test_what_libcst_has_read_is_kept_with_the_next_version_of_a_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked = Checked()
    read: list[str] = []

    def agree(text: str) -> bool:
        read.append(text)
        return True

    monkeypatch.setattr(second_reading, "readers_agree", agree)
    for version in (1, 2, 3):
        opened = checked.script(TextDocument("untitled:a", SOURCE + "\n" * version, version))
        assert opened is not None
        assert all(map(opened.is_confirmed, opened.findings.diagnostics))
    assert len(read) == len(set(read)) > 0
