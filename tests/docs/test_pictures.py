"""README's pictures: what einlint prints today, each span at its place, nothing from outside."""

import re
import runpy
from typing import Any

import pytest
from lxml import etree

from tests.conftest import ROOT, Golden

SCRIPT = runpy.run_path(str(ROOT / "docs/terminal_picture.py"))
SVG = "{http://www.w3.org/2000/svg}"


def test_the_pictures_show_what_is_printed_now(golden: Golden) -> None:
    pictures = SCRIPT["pictures"]()
    assert len(pictures) == 2
    for path, text in pictures.items():
        golden.check(path, text)


@pytest.mark.parametrize("name", SCRIPT["RUNS"])
def test_a_picture_needs_nothing_else(name: str) -> None:
    root = etree.parse(ROOT / f"docs/pictures/{name}.svg").getroot()
    text = etree.tostring(root).decode()
    assert not re.search(r"href|url\(|@font-face|<image|<script|<style", text)
    for span in root.iter(f"{SVG}text"):
        assert {"x", "y", "textLength"} <= set(span.attrib)
        assert float(span.get("x", "")) + float(span.get("textLength", "")) < float(
            root.get("width")
        )


def test_spans_have_fixed_places_and_long_lines_are_broken() -> None:
    found: list[Any] = list(SCRIPT["spans"]("ab  \x1b[1;31mcd\x1b[0m\n" + "x" * 130))
    assert [(each.text, each.column, each.line) for each in found] == [
        ("ab", 0, 0),
        ("cd", 4, 0),
        ("x" * 104, 0, 1),
        ("x" * 26, 0, 2),
    ]
    assert found[1].codes == ("1", "31")
