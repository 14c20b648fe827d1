"""Comments with shapes from the outside: a note where sizes are assumed, and nothing else."""

from pathlib import Path

import pytest

from einlint.output.format import format_names
from tests.cli.run import einlint, findings, write
from tests.cli.test_notebooks import notebook

BOTH = """import torch


def scores(x, y):
    q = f(x)  # (b, h, q, 64)
    k = f(y)  # (b, h, k, 64)
    return torch.einsum("bhqd,bhkd->bhqk", q, k)
"""
NOTE = (
    "`q` is (b, h, q, 64) by the comment at row 5, `k` is (b, h, k, 64) by that at row 6;"
    " both say 64 for `d`: a comment proves nothing"
)
PLAIN = BOTH.replace("  # (b, h, q, 64)", "").replace("  # (b, h, k, 64)", "")
APART = BOTH.replace("k, 64)", "k, 32)")
AGAINST = NOTE.replace("k, 64)", "k, 32)").replace(
    "both say 64 for `d`", "for `d` they say 64 and 32"
)


@pytest.mark.parametrize("name", format_names())
def test_formats_that_show_notes_show_it(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"a.py": BOTH})
    done = einlint("--output-format", name, cwd=tmp_path)
    shows_notes = name not in ("concise", "github")
    assert (" is (b, h, q, 64) by the comment at row 5" in done.stdout.decode()) == shows_notes
    if name == "full":
        assert f"note: {NOTE}\n" in done.stdout.decode()


@pytest.mark.parametrize("settings", ["", "assume = []\n", 'assume = ["no-autocast"]\n'])
def test_a_note_of_json_is_all_that_comments_change(tmp_path: Path, settings: str) -> None:
    write(tmp_path, {"a.py": PLAIN, "b.py": BOTH, "c.py": APART, "einlint.toml": settings})
    plain, *commented = findings("--select", "ALL", cwd=tmp_path)
    names = ("b.py", "c.py")
    for found, name, note in zip(commented, names, (NOTE, AGAINST), strict=True):
        assert found == {**plain, "filename": name, "notes": [note]}
    assert plain["notes"] == []
    assert plain["fix"]["applicability"] == ("unsafe" if settings else "safe")


def test_a_fix_writes_the_same_with_and_without_comments(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": PLAIN, "b.py": APART})
    assert einlint("--fix", cwd=tmp_path).returncode == 0
    plain, commented = (tmp_path / "a.py").read_text(), (tmp_path / "b.py").read_text()
    assert "q @ k.transpose(-2, -1)" in plain
    assert commented.splitlines()[6:] == plain.splitlines()[6:]


@pytest.mark.parametrize(
    ("binding", "call"),
    [
        ("q = k = torch.ones(2, 3, 4, 5)", '"bhqd,bhkd->bhqk", q, k'),
        ("q = k = f(x)", '"bhqd,bhkd->bhqk", q.x, k.x'),
        ("q = k = f(x)", '"bhqd,bhqd->bhqd", q, k'),
        ("q = k = f(x)", '"bhqd,bhk->bhqk", q, k'),
        ("q = k = f(x)", '"bhqd->dbhq", q'),
        ("q = k = f(x)", '"b,bhqd,d->", x, q, k'),
    ],
    ids=["proved", "no names", "elementwise", "wrong in another way", "one operand", "complex"],
)
def test_no_note_where_no_size_is_assumed(tmp_path: Path, binding: str, call: str) -> None:
    text = f"import torch\n\n{binding}  # (b, h, n, d)\nx = torch.einsum({call})\n"
    write(tmp_path, {"a.py": text})
    for found in findings("--select", "ALL", cwd=tmp_path):
        assert not [note for note in found["notes"] if "comment" in note]


def test_a_fix_that_is_only_shown_has_the_note(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BOTH, "einlint.toml": 'unfixable = ["ALL"]\n'})
    (found,) = findings(cwd=tmp_path)
    assert (found["fix"]["applicability"], found["notes"]) == ("display", [NOTE])


def test_rows_of_a_notebook_are_those_of_its_cells(tmp_path: Path) -> None:
    cell = 'k = w  # (n, d)\ntorch.einsum("mj,nj->mn", q, k)'
    (tmp_path / "a.ipynb").write_text(notebook("import torch", "# A\nq = x  # (m, d)", cell))
    (found,) = findings(cwd=tmp_path)
    note = "`k` is (n, d) by the comment at row 1 of cell 3: a comment proves nothing"
    assert found["notes"] == [note]
