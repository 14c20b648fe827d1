"""The code cells of a JSON text, their places in it, and what is written where one changes."""

import json
from typing import Any

import pytest

from einlint.notebook.document import NotebookError, code_cells
from einlint.notebook.values import members, value_at
from einlint.source.lines import LineIndex


def notebook(*sources: Any, **others: Any) -> dict[str, Any]:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return {"cells": cells, "nbformat": 4, **others}


def written(text: str, cell: int, source: str) -> str:
    """The JSON text after one of its code cells gets another source."""
    place, content = code_cells(text)[cell].rewritten(source)
    return f"{text[: place.start]}{content}{text[place.end :]}"


def sources(text: str) -> list[str]:
    return [each.value for each in code_cells(text)]


def test_code_cells_in_both_shapes_and_no_other_cells() -> None:
    text = json.dumps(
        {
            "metadata": {"cells": [{"cell_type": "code", "source": "no"}]},
            "nbformat": 4,
            "cells": [
                {"source": ["a\n", "b"], "cell_type": "code"},
                {"source": "no", "cell_type": "markdown"},
                {"source": "c\nd\n", "cell_type": "code", "outputs": [{"source": "no"}]},
                {"source": [], "cell_type": "code"},
                {
                    "source": "sql",
                    "cell_type": "code",
                    "metadata": {"vscode": {"languageId": "sql"}},
                },
            ],
        }
    )
    assert sources(text) == ["a\nb", "c\nd\n", "", ""]


@pytest.mark.parametrize(
    ("metadata", "is_read"),
    [
        ({}, True),
        ({"kernelspec": {"language": "python"}}, True),
        ({"language_info": {"name": "Python"}}, True),
        ({"kernelspec": {"language": "R"}, "language_info": {"name": "python"}}, False),
        ({"language_info": {"name": "julia"}}, False),
        ({"kernelspec": None}, True),
    ],
)
def test_kernels_of_other_languages_are_passed_over(
    metadata: dict[str, Any], is_read: bool
) -> None:
    assert sources(json.dumps(notebook("x", metadata=metadata))) == ["x"] * is_read


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ('{\n "cells": [}', (2, 12), "it is not JSON: Expecting value"),
        ('{"a": 1} x', (1, 10), "it is not JSON: Extra data"),
        ('{"a": "\n"}', (1, 8), "it is not JSON: Invalid control character at"),
        ("", (1, 1), "it is not JSON: Expecting value"),
        ("[" * 100_000, (1, 1), "it is not JSON that Python reads: "),
        ("[1]", (1, 1), "there is no object here"),
        ('{"cells": []}', (1, 1), "it is no notebook: it has no `nbformat`"),
        ('{"nbformat":\n 3, "worksheets": []}', (2, 2), "nbformat 3 is not read; `jupyter nbc"),
        ('{"nbformat": 4, "cells":\n {}}', (2, 2), "it has no list of cells"),
        ('{"nbformat": 4, "cells": [1]}', (1, 27), "there is no object here"),
        (json.dumps(notebook(1)), (1, 44), "this code cell has no source"),
    ],
)
def test_what_is_no_notebook_is_told_with_its_place(
    text: str, position: tuple[int, int], reason: str
) -> None:
    with pytest.raises(NotebookError) as caught:
        code_cells(text)
    assert str(caught.value).startswith(reason)
    place = LineIndex.of(text).position(caught.value.offset)
    assert (place.row, place.column) == position


def test_of_two_members_with_one_key_the_last_counts() -> None:
    text = '{"a": 1, "a" : [2] }'
    assert [each.content for each in members(text, value_at(text, 0)).values()] == [[2]]


@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("indent", [None, 0, 1, 2, "\t"])
@pytest.mark.parametrize("is_list", [True, False])
def test_one_row_changes_and_all_else_stays(
    is_list: bool, indent: int | str | None, is_ascii: bool
) -> None:
    rows = ["# \u00e9\n", 'x = "\U0001d518\\"\n', "\n", "y = 1"]

    def dumped(*changed: str) -> str:
        cells = ("".join(changed), "z") if not is_list else (list(changed), ["z"])
        return json.dumps(notebook("a", *cells), indent=indent, ensure_ascii=is_ascii)

    new = [*rows[:1], 'x = f("\U0001d518\u00e9")\n', *rows[2:]]
    assert written(dumped(*rows), 1, "".join(new)) == dumped(*new)
    fewer = [rows[0], rows[3]]
    assert written(dumped(*rows), 1, "".join(fewer)) == dumped(*fewer)
    more = [*rows[:3], "y = 2\n", "z = 3\n", "\n"]
    assert written(dumped(*rows), 1, "".join(more)) == dumped(*more)


def test_rows_that_stay_keep_their_odd_spelling() -> None:
    text = (
        r'{"nbformat":4,"cells":[{"cell_type":"code","source":["\u0061\/\n" , "b\n","\u00e9é\n"]}]}'
    )
    assert written(text, 0, "a/\nc\n\u00e9\u00e9\n") == text.replace('"b', '"c')
    text = r'{"nbformat":4,"cells":[{"cell_type":"code","source":"\u0061\/\nb\n\u00e9é\n"}]}'
    assert written(text, 0, "a/\nc\n\u00e9\u00e9\n") == text.replace(r"\nb", r"\nc")


@pytest.mark.parametrize(
    ("before", "source", "after"),
    [
        ('["a"]', "b\nc", '["b\\n", "c"]'),
        ('[ "a" ]', "b\nc", '[ "b\\n", "c" ]'),
        ('["a\\nb\\n", "c"]', "a\nd\nc", '["a\\n", "d\\n", "c"]'),
        ('["a\\n", "b"]', "", "[]"),
        ('["a\\n", "b"]', "a\n", '["a\\n"]'),
        ('["a\\n", "b"]', "b", '["b"]'),
        ('["a\\u2028", "b"]', "a\u2028c", '["a\\u2028", "c"]'),
    ],
)
def test_the_shape_of_lists(before: str, source: str, after: str) -> None:
    text = '{"nbformat": 4, "cells": [{"cell_type": "code", "source": %s}]}'
    assert written(text % before, 0, source) == text % after


def test_offsets_in_the_json_text() -> None:
    source = 'a\u00e9\n\U0001d518\t"b\\\n'
    for text in (json.dumps(notebook(source)), json.dumps(notebook(source.splitlines(True)))):
        (found,) = code_cells(text)
        spelled = [text[found.offset(at) :] for at in range(len(source))]
        starts = ("a", r"\u00e9", r"\n", r"\ud835\udd18", r"\t", r"\"", "b", r"\\", r"\n")
        assert all(each.startswith(start) for each, start in zip(spelled, starts, strict=True))
        assert text[found.offset(len(source)) :].startswith('"')
