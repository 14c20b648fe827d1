"""JSON in which what holds nothing but numbers is on one line."""

import json
from typing import Any

import pytest

from einlint.verify.json_text import json_text


def test_the_blocks_of_a_visit_are_on_one_line() -> None:
    visits = [[[3, 0.5, None], [3, 0.25, 0.125]], [[3, 1.0, 2.0]]]
    assert json_text({"samples": visits, "shape": [2, 3]}) == (
        '{\n  "samples": [\n    [[3,0.5,null],[3,0.25,0.125]],\n    [[3,1.0,2.0]]\n  ],\n'
        '  "shape": [2,3]\n}'
    )


@pytest.mark.parametrize(
    "value", [{}, [], "é\n", None, 1.5, [{}, []], {"a": {"b": [1, "x"], "c": [[[]]]}}, [[["a"]]]]
)
def test_it_is_what_json_reads_back(value: Any) -> None:
    assert json.loads(json_text(value)) == value
    assert json_text(value).isascii()


def test_what_json_cannot_express_is_an_error() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"a": [[float("nan")]]})
