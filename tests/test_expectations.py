"""The expectations in fixtures: what they select, and what a failing one says."""

from pathlib import Path

from einlint.settings import Settings
from tests.expectations import differences, settings_in

TEXT = """# assume: equal-sizes, no-autocast
# select: EIN901
import torch

x = torch.einsum("ij,jk->ik", a, b)  # EIN104
y = torch.einsum("i,i->", torch.einsum("i,i->", a, b), c)  # EIN101 EIN101
"""


def test_selected_is_the_own_rule_what_is_expected_and_what_is_declared() -> None:
    settings = settings_in(TEXT, ["EIN103"])
    assert settings.select == ("EIN101", "EIN103", "EIN104", "EIN901")
    assert settings.assume == ("equal-sizes", "no-autocast")


def test_a_plain_fixture_has_its_rule_and_everything_it_finds() -> None:
    assert settings_in("import torch\n", ["EIN103"]) == Settings(select=("EIN103",), pedantic=True)


def test_a_difference_says_file_line_expected_and_found() -> None:
    found = [(3, "EIN006"), (5, "EIN104"), (6, "EIN101")]
    assert differences(Path("fixtures/a.py"), TEXT, found).splitlines() == [
        "fixtures/a.py:3: expected nothing, found EIN006",
        "fixtures/a.py:6: expected EIN101 EIN101, found EIN101",
    ]


def test_no_difference_says_nothing() -> None:
    assert differences(Path("a.py"), TEXT, [(5, "EIN104"), (6, "EIN101"), (6, "EIN101")]) == ""
