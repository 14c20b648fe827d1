"""Every output format from the outside: valid by its reader, with the same places as all."""

from dataclasses import replace
from pathlib import Path

import pytest

from einlint.output.format import format_names
from tests.cli.run import SOURCE, einlint, write
from tests.output.formats.readers import NOTEBOOK, Place, reader_of, shown_as

MANY = """import torch

x = torch.einsum("i,i->", a, b); y = torch.einsum("i,i->", c, d)
z = torch.einsum("ij,jk->il", a, b)
"""
NESTED = "import torch\n\nx = torch.einsum('i,i->', torch.einsum('ij->i', a), b)\n"
WIDE = 'import torch\n\n\u00e9 = "\U0001d518\u00e9"; x = torch.einsum("i,i->", \u00e9, b)\n'
ROWS = 'import torch\n\nx = torch.einsum(\n    "ij,jk->ik",\n    a,\n    b,\n) + 1\n'
BROKEN = "import torch\n\nx = torch.einsum('i', x) 1\n"

CASES: dict[str, tuple[dict[str, str], list[Place]]] = {
    "empty": ({"a.py": "import torch\n"}, []),
    "no file": ({}, []),
    "one": ({"a.py": SOURCE}, [Place("a.py", "EIN105", (5, 12), (5, 49))]),
    "many": (
        {"a.py": MANY, "sub folder/b,%\u00fc.py": SOURCE, "sub folder/c.py": NESTED},
        [
            Place("a.py", "EIN101", (3, 5), (3, 32)),
            Place("a.py", "EIN101", (3, 38), (3, 65)),
            Place("a.py", "EIN003", (4, 5), (4, 36)),
            Place("sub folder/b,%\u00fc.py", "EIN105", (5, 12), (5, 49)),
            Place("sub folder/c.py", "EIN101", (3, 5), (3, 55)),
            Place("sub folder/c.py", "EIN109", (3, 27), (3, 51)),
        ],
    ),
    "syntax error": (
        {"a.py": BROKEN, "b.py": SOURCE},
        [
            Place("a.py", "EIN000", (3, 26), (3, 27)),
            Place("b.py", "EIN105", (5, 12), (5, 49)),
        ],
    ),
    "wide": ({"a.py": WIDE}, [Place("a.py", "EIN101", (3, 15), (3, 42))]),
    "rows": ({"a.py": ROWS}, [Place("a.py", "EIN104", (3, 5), (7, 2))]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", format_names())
def test_valid_with_the_right_positions(tmp_path: Path, name: str, case: str) -> None:
    files, expected = CASES[case]
    write(tmp_path, files)
    found = reader_of(name).read(shown_as(name, cwd=tmp_path, rc=1 if expected else 0))
    assert sorted(found) == sorted(map(_as_far_as, expected, found))
    assert len(found) == len(expected)


# In the cell, and in the text of the file.
IN_CELLS = [
    Place("a.ipynb:cell 2", "EIN101", (2, 5), (2, 32)),
    Place("a.ipynb:cell 2", "EIN104", (3, 9), (4, 8)),
    Place("a.ipynb:cell 3", "EIN000", (1, 3), (1, 4)),
]
IN_FILE = [
    Place("a.ipynb", "EIN101", (22, 10), (22, 39)),
    Place("a.ipynb", "EIN104", (23, 14), (24, 13)),
    Place("a.ipynb", "EIN000", (32, 17), (32, 18)),
]


@pytest.mark.parametrize("name", format_names())
def test_places_in_a_notebook(tmp_path: Path, name: str) -> None:
    """Where a format is of the rows of files, they are those of the notebook's JSON."""
    write(tmp_path, {"a.ipynb": NOTEBOOK})
    reader = reader_of(name)
    expected = list(map(reader.place_in_notebook, IN_CELLS, IN_FILE))
    found = reader.read(shown_as(name, cwd=tmp_path))
    assert found == list(map(_as_far_as, expected, found))


def _as_far_as(expected: Place, found: Place) -> Place:
    """The expected place without the parts of the end that the format leaves out."""
    row, column = expected.end
    known_row, known_column = found.end
    end = (row if known_row else None, column if known_column else None)
    return replace(expected, end=end)


@pytest.mark.parametrize("name", format_names())
def test_the_source_of_standard_input(tmp_path: Path, name: str) -> None:
    done = einlint(
        *("-", "--stdin-filename", "x.py", "--output-format", name),
        cwd=tmp_path,
        stdin=SOURCE.encode(),
    )
    (place,) = reader_of(name).read(done.stdout.decode())
    assert (place.filename, place.start, done.returncode) == ("x.py", (5, 12), 1)


@pytest.mark.parametrize("name", format_names())
@pytest.mark.parametrize(
    "data", [b"import torch\ntorch.einsum('i->i', a\n", b"einsum \xff\0\x1b[0m\n"]
)
def test_whole_beside_an_unreadable_file(tmp_path: Path, name: str, data: bytes) -> None:
    write(tmp_path, {"attention.py": SOURCE})
    for each in ("a_broken.py", "z_broken.py"):
        (tmp_path / each).write_bytes(data)
    text = shown_as(name, cwd=tmp_path)
    assert [(each.filename, each.code) for each in reader_of(name).read(text)] == [
        ("a_broken.py", "EIN000"),
        ("attention.py", "EIN105"),
        ("z_broken.py", "EIN000"),
    ]
    assert "\x1b" not in text
