"""The format for people: a code frame below every finding."""

import re
from pathlib import Path

from tests.cli.run import write
from tests.output.formats.readers import NOTEBOOK, Place, Reader, shown_as


def read(text: str) -> list[Place]:
    found = re.findall(r"^(EIN\d+) .*\n  --> (.*):(\d+):(\d+)$", text, re.M)
    return [Place(name, code, (int(row), int(column))) for code, name, row, column in found]


READER = Reader(read)


def test_the_frame_of_a_cell_has_its_line_numbers(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": NOTEBOOK})
    frame = '2 | x = torch.einsum("i,i->", a, b)\n  |     ^^^^'
    assert frame in shown_as("full", cwd=tmp_path)
