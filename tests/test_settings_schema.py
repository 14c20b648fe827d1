"""The JSON schema that ships with the package: fresh, valid, and of one mind with the readers."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from einlint.rulebook.selection import fixable_rules, selected_rules, without
from einlint.settings import SettingsError, settings_of
from tests.cli.test_options import EVERYTHING
from tests.conftest import ROOT, Golden
from tests.settings_schema import settings_schema

SCHEMA = ROOT / "einlint/settings.schema.json"


def is_valid(text: str) -> bool:
    schema = json.loads(SCHEMA.read_text())
    return bool(jsonschema.Draft7Validator(schema).is_valid(tomllib.loads(text)))


def is_read(text: str) -> bool:
    """Whether a check with these settings would start."""
    try:
        settings = settings_of(tomllib.loads(text))
        selected_rules(settings)
        fixable_rules(settings)
        without(settings, [code for _, codes in settings.per_file_ignores for code in codes])
    except SettingsError:
        return False
    return True


def test_the_schema_is_fresh(golden: Golden) -> None:
    golden.check(SCHEMA, json.dumps(settings_schema(), indent=2) + "\n")


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(SCHEMA.read_text()))


def test_the_settings_of_the_docs_fit() -> None:
    page = ROOT / "docs/reference/settings.md"
    (block,) = re.findall(r"```toml\n\[tool.einlint\]\n(.*?)```", page.read_text(), re.S)
    assert is_valid(block)


def test_the_file_that_is_extended_may_be_named() -> None:
    assert is_valid('extend = "../base.toml"')
    assert not is_valid("extend = 1")


RIGHT = [
    EVERYTHING,
    "",
    'select = ["ALL", "all", "E", "EIN", "ein1", "EIN10", "EIN105"]',
    "select = []",
    'per-file-ignores = { "tests/*" = ["ein105"] }',
    'assume = ["equal-sizes", "no-autocast"]',
    "verify = {}",
]
WRONG = [
    "asume = []",
    "extend_select = []",
    'select = ["EIN15"]',
    'select = ["EIN1055"]',
    'select = [""]',
    'select = "EIN1"',
    "select = [1]",
    'ignore = ["F401"]',
    'fixable = ["EIN7"]',
    'unfixable = ["EIN1", "x"]',
    'per-file-ignores = ["EIN105"]',
    'per-file-ignores = { "tests/*" = "EIN105" }',
    'per-file-ignores = { "tests/*" = ["EIN15"] }',
    "exclude = [true]",
    'force-exclude = "yes"',
    "respect-gitignore = 1",
    'assume = ["equal-size"]',
    'assume = "equal-sizes"',
    'matmul = "dot"',
    "transpose = 1",
    "annotate = 0",
    "torch-version = 2.1",
    'docs-url = "example.org"',
    "docs-url = 1",
    'torch-version = "new"',
    'functions = "mylib.einsum"',
    'functions = ["einsum"]',
    'functions = ["mylib..einsum"]',
    'functions = ["my lib.einsum"]',
    'functions = ["mylib.2"]',
    'verify = "cpu"',
    "verify = { device = 1 }",
    'verify = { dtype = "int8" }',
    "verify = { sizes = { b = 0 } }",
    "verify = { sizes = { b = true } }",
    'verify = { sizes = { b = "8" } }',
    "verify = { size = { b = 8 } }",
]


@pytest.mark.parametrize("text", RIGHT)
def test_right_settings_are_right_for_both(text: str) -> None:
    assert (is_valid(text), is_read(text)) == (True, True)


@pytest.mark.parametrize("text", WRONG)
def test_wrong_settings_are_wrong_for_both(text: str) -> None:
    assert (is_valid(text), is_read(text)) == (False, False)


def test_the_path_that_the_docs_print_is_that_of_the_schema() -> None:
    page = ROOT / "docs/how-to/editors.md"
    (code,) = re.findall(r'python -c "(.*?settings\.schema\.json.*?)"', page.read_text())
    printed: list[str] = []
    exec(code, {"print": lambda path: printed.append(str(path))})
    assert [Path(each) for each in printed] == [SCHEMA]
