"""einlint rule from the outside: one page or all, as Markdown or in JSON."""

import json
from pathlib import Path

import pytest

from einlint.rulebook.pages import SECTIONS
from einlint.rulebook.selection import all_rules
from tests.cli.run import called
from tests.output.formats.test_html import SVG, parsed, said


def printed(*arguments: str) -> str:
    done = called("rule", *arguments, cwd=Path())
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_one_rule_in_json() -> None:
    found = json.loads(printed("EIN105", "--output-format", "json"))
    page = found.pop("page")
    assert page == printed("EIN105")
    texts = found.pop("sections")
    assert tuple(texts) == SECTIONS
    assert all(f"## {title}\n{text}\n" in page for title, text in texts.items())
    assert found == {
        "code": "EIN105",
        "name": "einsum-batched-matmul",
        "summary": "A batched matrix product.",
        "default": True,
        "severity": "warning",
        "fixable": True,
    }


def test_all_rules_in_json_are_the_single_ones_in_order_of_code() -> None:
    found = json.loads(printed("--all", "--output-format", "json"))
    assert [each["code"] for each in found] == [rule.code for rule in all_rules()]
    by_code = {each["code"]: each for each in found}
    assert by_code["EIN000"] == json.loads(printed("ein000", "--output-format", "json"))
    assert (by_code["EIN000"]["severity"], by_code["EIN000"]["fixable"]) == ("error", False)
    assert by_code["EIN301"]["default"] is False


def test_all_pages_in_one_text() -> None:
    text = printed("--all")
    titles = [line for line in text.splitlines() if line.startswith("# ")]
    assert [f"# {rule.name} ({rule.code})" for rule in all_rules()] == [
        line for line in titles if line.endswith(")")
    ]
    assert f"\n\n{printed('EIN105')}\n# " in text
    assert text.endswith(".\n")


def test_a_page_with_the_picture_of_the_example() -> None:
    page = parsed(printed("EIN105", "--output-format", "html"))
    (picture,) = page.findall(f".//figure/{SVG}svg")
    assert picture.get("aria-label").startswith("bhqd,bhkd->bhqk is a batched matrix product.")
    assert f"# {said(page.find('.//h2'))}\n\n{said(page.find('.//pre'))}\n" == printed("EIN105")


def test_a_page_of_all_rules_has_a_picture_where_torch_takes_the_example() -> None:
    page = parsed(printed("--all", "--output-format", "html"))
    assert len(page.findall(".//h2")) == len(all_rules())
    drawn = {each.get("aria-label").split()[0] for each in page.findall(f".//figure/{SVG}svg")}
    assert {"bhqd,bhkd->bhqk", "bnsk,bnsh->bnsh", "ii->"} <= drawn


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("EIN20",), "`EIN20` is no whole code, but the start of EIN202\n"),
        (("ein00",), "but the start of EIN000, EIN001, EIN002, EIN003"),
        (("EIN15",), "unknown rule code `EIN15`; did you mean"),
        (("einsum-matmull",), "did you mean `EINSUM-MATMUL`"),
        ((), "give one rule code, as in `einlint rule EIN105`, or --all"),
        (("EIN105", "--all"), "give one rule code, as in `einlint rule EIN105`, or --all"),
        (("EIN105", "--output-format", "xml"), "'xml' is not one of"),
    ],
)
def test_wrong_input_exits_with_two(arguments: tuple[str, ...], message: str) -> None:
    for options in ((), ("--output-format", "json")):
        done = called("rule", *options, *arguments, cwd=Path())
        assert (done.returncode, done.stdout) == (2, b"")
        assert message in done.stderr.decode()
