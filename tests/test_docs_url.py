"""Where the setting `docs-url` leads: JSON, SARIF and editors link to the pages of rules."""

import json
from pathlib import Path

from tests.cli.run import SOURCE, called, findings, write
from tests.lsp.client import Client

URL = "https://example.org/einlint"
PAGE = f"{URL}/rules/EIN105.html"
SETTINGS = f'docs-url = "{URL}/"\n'


def test_json_links_to_the_page_of_the_rule(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    assert [each["url"] for each in findings(cwd=tmp_path)] == [None]
    write(tmp_path, {"einlint.toml": SETTINGS})
    assert [each["url"] for each in findings(cwd=tmp_path)] == [PAGE]


def test_findings_without_a_call_have_a_link_too(tmp_path: Path) -> None:
    files = {"a.py": "einsum(\n", "b.py": "x = 1  # noqa: EIN105\n", "einlint.toml": SETTINGS}
    write(tmp_path, files)
    found = findings("--select", "ALL", cwd=tmp_path)
    assert [each["url"] for each in found] == [
        f"{URL}/rules/EIN000.html",
        f"{URL}/rules/EIN901.html",
    ]


def test_sarif_links_the_rules_that_have_findings(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE, "einlint.toml": SETTINGS})
    log = json.loads(called("--output-format", "sarif", cwd=tmp_path).stdout)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [each["helpUri"] for each in rules if "helpUri" in each] == [PAGE]


def test_the_code_is_a_link_in_editors(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": SETTINGS})
    with Client(tmp_path) as client:
        (shown,) = client.open(client.uri("a.py"), SOURCE)
    assert (shown["code"], shown["codeDescription"]) == ("EIN105", {"href": PAGE})
