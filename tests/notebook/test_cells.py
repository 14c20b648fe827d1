"""Cells given as texts: what is found in which cell, and that no cell touches another."""

from dataclasses import replace

import pytest

from einlint.diagnostics import Applicability, Diagnostic
from einlint.notebook.cells import check_cells, fix_cells, ignore_cells
from einlint.notebook.module import Module, module_of
from einlint.settings import Settings
from einlint.source.places import Place

IMPORT = "import torch"
DOT = "x = torch.einsum('i,i->', a, b)"
FIXED = "x = a @ b"
TIMED_TOO = Settings(extend_assume=("not-the-subject",))
EVERYTHING = Settings(select=("ALL",), ignore=("EIN301",), pedantic=True)


def found(*cells: str, settings: Settings | None = None) -> list[tuple[Diagnostic, Place]]:
    """The findings with their places."""
    findings = check_cells(module_of("a.ipynb", cells), settings or Settings())
    return [(each, findings.place(each)) for each in findings.diagnostics]


def places(*cells: str) -> list[tuple[str, int | None, int, int]]:
    return [
        (each.code, place.cell, place.start.row, place.start.column)
        for each, place in found(*cells)
    ]


def texts(module: Module) -> tuple[str, ...]:
    return tuple(cell.text for cell in module.cells)


def fixed(*cells: str, settings: Settings | None = None) -> tuple[str, ...]:
    module = module_of("a.ipynb", cells)
    return texts(fix_cells(module, settings or Settings(), Applicability.SAFE)[0])


def test_names_carry_from_cell_to_cell() -> None:
    assert places(IMPORT, "", f"\n{DOT}") == [("EIN101", 3, 2, 5)]
    assert places(DOT) == []


@pytest.mark.parametrize(
    "cell",
    ["torch = other()", "def f():\n    global torch\n    torch = 1"],
)
def test_a_cell_that_binds_a_name_anew_counts_as_in_a_script(cell: str) -> None:
    assert places(IMPORT, DOT, cell) == []


def test_a_cell_that_replaces_the_function_leaves_no_safe_fix() -> None:
    cells = (IMPORT, DOT, "torch.einsum = other")
    assert places(*cells) == [("EIN101", 2, 1, 5)]
    assert fixed(*cells) == cells


def test_a_constant_of_another_cell_is_literal_enough() -> None:
    assert places(IMPORT, "E = 'i,i->'", "x = torch.einsum(E, a, b)") == [("EIN101", 3, 1, 5)]


@pytest.mark.parametrize("magic", ["%run other.py", "%pylab inline", "%%cython\nx"])
def test_a_magic_may_overwrite_an_imported_function(magic: str) -> None:
    cell = "x = einsum('i,i->', a, b)"
    assert places("from torch import einsum", "%cd ..", cell) == [("EIN101", 3, 1, 5)]
    assert places("from torch import einsum", magic, cell) == []
    assert places(IMPORT, magic, DOT) == [("EIN101", 3, 1, 5)]


@pytest.mark.parametrize(
    "cell",
    [
        "%%timeit\nx = torch.ones(5, 6)",
        "%timeit x = torch.ones(5, 6)",
        "%run other.py",
        "x = %sql 1",
    ],
)
def test_what_a_cell_may_have_bound_is_not_claimed(cell: str) -> None:
    sizes = "x = torch.ones(2, 3)\ny = torch.ones(3, 4)"
    product = "torch.einsum('ij,jk->ik', x, y)"
    assert places(IMPORT, sizes, cell, product) == [("EIN104", 4, 1, 1)]


def test_a_cell_that_cannot_be_read_is_told_if_it_mentions_einsum() -> None:
    broken = "y = 1\nx = torch.einsum('i,i->' a, b)"
    (first, place), _ = found(IMPORT, broken, "x = 1 +", DOT)
    assert places(IMPORT, broken, "x = 1 +", DOT) == [
        ("EIN000", 2, place.start.row, place.start.column),
        ("EIN101", 4, 1, 5),
    ]
    assert place.start.row == 2
    assert first.message.startswith("the cell mentions einsum, and Python 3.")
    assert " cannot read it: invalid syntax" in first.message
    assert fixed(IMPORT, broken, "x = 1 +", DOT) == (IMPORT, broken, "x = 1 +", FIXED)


def test_a_lone_surrogate_breaks_its_cell_only() -> None:
    codes = [each.code for each, _ in found(IMPORT, f"'\ud800'\n{DOT}", DOT)]
    assert codes == ["EIN000", "EIN101"]


def test_positions_count_in_the_cell() -> None:
    cell = f"# \u00e9\n%timeit -n 1 y = torch.einsum('i,i->', a, b)\n  # end\n{DOT}"
    lines = cell.split("\n")
    (_, timed), (_, plain) = found(IMPORT, "", cell)
    for place in (timed, plain):
        row = lines[place.start.row - 1]
        assert row[place.start.column - 1 : place.end.column - 1] == DOT[4:]
    after = cell.replace(DOT[4:], "a @ b")
    assert fixed(IMPORT, "", cell, settings=TIMED_TOO)[2] == after


def test_a_comment_in_a_cell_silences_its_call_and_one_for_the_file_all() -> None:
    assert places(IMPORT, f"{DOT}  # noqa", DOT) == [("EIN101", 3, 1, 5)]
    assert places(IMPORT, f"%time {DOT}  # einlint: ignore[EIN101]") == []
    assert places(IMPORT, DOT, "# einlint: ignore-file[EIN101]", DOT) == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("# noqa: EIN104", ""),
        ("x = 1\n# noqa: EIN104", "x = 1"),
        ("x = 1\n# noqa: EIN104\n", "x = 1\n"),
        ("x = 1  # noqa: EIN104", "x = 1"),
        ("# noqa: EIN104\nx = 1", "x = 1"),
        ("%time x = 1  # noqa: EIN104\n%run a.py", "%time x = 1\n%run a.py"),
        ("%run a.py\n# noqa: EIN104", "%run a.py"),
    ],
)
def test_an_unused_comment_goes_and_takes_nothing_of_the_next_cell(
    cell: str, expected: str
) -> None:
    ((unused, _),) = found("y = 1", cell, "# end", settings=EVERYTHING)
    assert unused.code == "EIN901"
    assert fixed("y = 1", cell, "# end", settings=EVERYTHING) == ("y = 1", expected, "# end")


def test_an_annotation_stays_in_its_cell() -> None:
    cells = fixed(IMPORT, DOT, f"%time {DOT}", "", settings=replace(TIMED_TOO, annotate=True))
    assert cells == (IMPORT, f"{FIXED}  # i,i->", f"%time {FIXED}  # i,i->", "")


def test_an_import_that_is_left_unused_stays() -> None:
    cells = ("from torch import einsum", "x = einsum('i,i->', a, b)")
    assert fixed(*cells) == (cells[0], FIXED)


def test_comments_are_added_to_cells() -> None:
    cells = (IMPORT, DOT, f"%timeit {DOT}\ny = 1", "x = torch.einsum(")
    after, change = ignore_cells(module_of("a.ipynb", cells), Settings(pedantic=True), "so")
    comment = "  # einlint: ignore[EIN101] so"
    expected = (*cells[:1], DOT + comment, f"%timeit {DOT}{comment}\ny = 1", cells[3])
    assert (texts(after), change.comments) == (expected, 2)
    assert [each.code for each, _ in found(*expected)] == ["EIN000"]


def test_a_comment_at_the_end_of_a_statement_in_a_cell() -> None:
    call = DOT.removeprefix("x = ")
    assert places(IMPORT, f"%time x = f({call}); y = [1]  # noqa: EIN101") == []
    assert places(IMPORT, f"if f({call},\n  1):  # noqa: EIN101\n  pass") == []
    assert places(IMPORT, f"x = f({call}, [\n  1])", "y = 1  # noqa") == [("EIN101", 2, 1, 7)]


def test_no_line_end_is_written_into_a_magic() -> None:
    cells = (IMPORT, f"%time {DOT}; y = 3", f"{DOT};")
    after, _ = ignore_cells(module_of("a.ipynb", cells), Settings(pedantic=True), "")
    comment = "  # einlint: ignore[EIN101]"
    assert texts(after) == (IMPORT, *(f"{each}{comment}" for each in cells[1:]))


@pytest.mark.parametrize("cookie", ["# coding: latin-1", "# -*- coding: nonsense -*-"])
def test_a_coding_cookie_means_nothing_in_a_cell(cookie: str) -> None:
    assert fixed(f"{cookie}\n{IMPORT}", f"{cookie}\n{DOT}")[1] == f"{cookie}\n{FIXED}"


def test_nested_calls_are_fixed_in_one_run() -> None:
    cells = (IMPORT, "x = torch.einsum('i,i->', torch.einsum('ij,j->i', a, b), c)", DOT)
    assert fixed(*cells) == (IMPORT, "x = a @ b @ c", FIXED)


@pytest.mark.parametrize(
    ("cell", "is_written"),
    [("import torch", True), ("%time import torch", False), ("%%timeit import torch\n1", False)],
)
def test_a_module_name_is_written_only_where_it_is_surely_bound(
    cell: str, is_written: bool
) -> None:
    settings = Settings(extend_assume=("no-autocast",))
    cells = ("from torch import einsum", cell, "x = einsum('i,j->ij', a, b)")
    assert ("torch.outer" in fixed(*cells, settings=settings)[2]) is is_written


def test_one_kind_of_line_end_per_cell_is_kept() -> None:
    cells = (IMPORT, f"y = 1\r\n%cd ..\r\n{DOT}\r\n", DOT)
    assert fixed(*cells) == (IMPORT, f"y = 1\r\n%cd ..\r\n{FIXED}\r\n", FIXED)


@pytest.mark.parametrize(
    ("cell", "is_timed"),
    [
        (f"%timeit {DOT}", True),
        (f"%time {DOT}", True),
        ("y = %timeit -o torch.einsum('i,i->', a, b)", True),
        (f"timeit {DOT}", True),
        (f"for _ in range(3):\n    %timeit {DOT}", True),
        (f"%%timeit\n{DOT}", True),
        (f"%%timeit -n 3\n\nif a:\n    {DOT}", True),
        (f"%%time\n{DOT}", True),
        (f"%%capture out\n%%prun\n{DOT}", True),
        (f"def f():\n    return {DOT[4:]}\n%timeit f()", True),
        (f"def f():\n    return {DOT[4:]}\n%time y = g(f)", True),
        (f"if 1:\n    {DOT}", False),
        (f"%%capture\n{DOT}", False),
        (f"def f():\n    return {DOT[4:]}\n%timeit g(a)", False),
        (f"%timeit a + b\n{DOT}", False),
    ],
)
def test_what_a_magic_times_is_left_as_it_is(cell: str, is_timed: bool) -> None:
    before, after = "%%time\nz = a + b", "y = 1"
    *_, (finding, place) = found(IMPORT, before, cell, DOT, after)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE
    assert place.cell == 4
    ((finding, _),) = found(IMPORT, before, cell, after)
    assert finding.fix is not None
    unmet = [each.name for each in finding.fix.unmet]
    assert unmet == (["not-the-subject"] if is_timed else [])
    assert fixed(IMPORT, cell, after) == (
        (IMPORT, cell, after) if is_timed else (IMPORT, cell.replace(DOT[4:], "a @ b"), after)
    )
