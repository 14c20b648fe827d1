"""einlint explain --format svg and html, from the outside."""

from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, einlint, write
from tests.output.formats.test_html import SVG, parsed, said
from tests.pictures.svg import Picture

TWO = SOURCE + 'a, b = torch.einsum("i,i->", a, b), torch.einsum("ij->ji", a)\n'


def test_a_picture_of_an_equation_by_a_process(tmp_path: Path) -> None:
    command = ("explain", "bhqd,bhkd->bhqk", "--size", "b=2", "--format", "svg")
    done = einlint(*command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "a has the axes b of size 2, h, q, d." in Picture.of(done.stdout.decode()).words


def test_a_page_has_the_picture_and_the_whole_text(tmp_path: Path) -> None:
    command = ("explain", "bnsk,bnsh->bnsh", "--size", "b=2")
    page = parsed(called(*command, "--format", "html", cwd=tmp_path).stdout.decode("ascii"))
    assert len(page.findall(f".//figure/{SVG}svg")) == 1
    assert said(page.find(".//pre")) == called(*command, cwd=tmp_path).stdout.decode().strip()


def test_a_call_is_drawn_with_the_names_of_its_operands(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = called("explain", "a.py:5", "--format", "svg", cwd=tmp_path)
    assert "Operand q has the axes b, h, q, d." in Picture.of(done.stdout.decode()).words


def test_a_page_has_all_calls_and_a_picture_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": TWO})
    page = parsed(called("explain", "a.py:6", "--format", "html", cwd=tmp_path).stdout.decode())
    headings = [said(each) for each in page.findall(".//h2")]
    calls = ('6:8: torch.einsum("i,i->", a, b)', '6:37: torch.einsum("ij->ji", a)')
    assert headings == [f"a.py:{each}" for each in calls]
    assert len(page.findall(f".//figure/{SVG}svg")) == 2
    done = called("explain", "a.py:6", "--format", "svg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"name it as FILE:LINE:COLUMN" in done.stderr
    done = called("explain", "a.py:6:37", "--format", "svg", cwd=tmp_path)
    assert "ij->ji is a transposition" in Picture.of(done.stdout.decode()).words


@pytest.mark.parametrize("call", ["torch.einsum(f(), a)", 'torch.einsum("i->j", a)'])
def test_what_cannot_be_drawn(tmp_path: Path, call: str) -> None:
    write(tmp_path, {"a.py": f"import torch\n{call}\n"})
    done = called("explain", "a.py:2", "--format", "svg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no picture" in done.stderr
    page = parsed(called("explain", "a.py:2", "--format", "html", cwd=tmp_path).stdout.decode())
    assert call in said(page.find(".//h2"))
    assert not page.findall(".//figure")


def test_texts_of_the_source_are_escaped(tmp_path: Path) -> None:
    hostile = "</style><script>alert(1)</script>"
    write(tmp_path, {"a.py": f"import torch\ntorch.einsum('ij->ji', a['{hostile}\u202e'])\n"})
    text = called("explain", "a.py:2", "--format", "html", cwd=tmp_path).stdout.decode()
    assert "<script" not in text
    assert f"a['{hostile}\\u202e']" in said(parsed(text).find(".//h2"))
