"""The picture in a hover: only where the editor shows images, and small."""

import re
from base64 import b64decode
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lsp.client import Client

SOURCE = """import torch
q, k = torch.ones(2, 8, 128, 64), torch.ones(2, 8, 100, 64)
x = torch.einsum("bhqd,bhkd->bhqk", q, k)
y = torch.einsum("i->j", q)
"""
IMAGE = re.compile(r"^!\[.*\]\(data:image/svg\+xml;base64,(.*)\)$", re.M)


@pytest.mark.parametrize("parser", ["marked", "another", None])
def test_shown_where_the_editor_shows_images(tmp_path: Path, parser: str | None) -> None:
    """Editors that show Markdown as text would show its address: four lines of base64."""
    general = {"markdown": {"parser": parser}} if parser else {}
    with Client(tmp_path, {"general": general}) as client:
        uri = client.uri("a.py")
        client.open(uri, SOURCE)
        text = client.hover(uri, 2, 20)["contents"]["value"]
        assert "  d    contracted" in text, "the text is complete without it"
        images = IMAGE.findall(text)
        assert len(images) == (parser == "marked")
        assert "data:" not in client.hover(uri, 3, 20)["contents"]["value"]
    for each in images:
        drawn = ElementTree.fromstring(b64decode(each))
        assert int(drawn.attrib["height"]) < 200
        assert (
            "Operand k has the axes b of size 2, h of size 8, k of size 100"
            in (drawn.attrib["aria-label"])
        )
