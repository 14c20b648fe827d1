"""The language server as an editor uses it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.run import FIXED, SOURCE, einlint, write
from tests.lsp.client import Client, applied

CALL = {"start": {"line": 4, "character": 11}, "end": {"line": 4, "character": 48}}
BROKEN = "import torch\ntorch.einsum('ij->', a\n"
# Columns behind the emoji differ in UTF-8, UTF-16 and characters; the form feed ends no row.
MANY = (
    "import torch\r\n\f\r\nfrom torch import einsum\r\n"
    'x = "\N{GRINNING FACE}", einsum("ij,jk->ik", a, b), torch.einsum("i,j->ij", c, d)\r\n'
    'y = einsum("bij, jk->bik", p, einsum("ij,jk->ik", a, b))\r\n'
)
TOP = {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": 0}}
OUTER = {"start": {"line": 3, "character": 45}, "end": {"line": 3, "character": 45}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with Client(tmp_path_factory.mktemp("root")) as client:
        yield client


@pytest.fixture
def client(server: Client, tmp_path: Path) -> Client:
    """In a folder of its own; the server is that of all tests which do not end theirs."""
    server.folder = tmp_path
    return server


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path) as client:
        yield client


def codes(diagnostics: list[dict[str, object]]) -> list[object]:
    return [each.get("code") for each in diagnostics]


def test_findings_follow_the_text_and_never_the_disk(client: Client) -> None:
    write(client.folder, {"a.py": BROKEN})
    uri = client.uri("a.py")
    (found,) = client.open(uri, SOURCE)
    assert found["range"] == CALL
    assert (found["code"], found["source"], found["severity"]) == ("EIN105", "einlint", 2)
    assert "`q @ k.transpose(-2, -1)`" in found["message"]
    assert found["data"]["equation"] == "bhqd,bhkd->bhqk"
    assert "tags" not in found
    client.change(uri, BROKEN, 2)
    client.change(uri, FIXED, 3)
    assert client.diagnostics(uri, 3) == []
    client.change(uri, BROKEN, 4)
    assert codes(client.diagnostics(uri, 4)) == ["EIN000"]
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert codes(client.diagnostics(uri)) == ["EIN000"]
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.diagnostics(uri) == []
    assert (client.folder / "a.py").read_text() == BROKEN


def test_the_fix_of_a_finding_and_its_comment(client: Client) -> None:
    uri = client.uri("a.py")
    client.open(uri, SOURCE, version=7)
    fix, every, comment = client.actions(uri, CALL, "quickfix")
    assert fix["title"] == "einlint: replace with `q @ k.transpose(-2, -1)`"
    assert fix["isPreferred"]
    assert codes(fix["diagnostics"]) == ["EIN105"]
    (change,) = fix["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 7}
    assert applied(SOURCE, fix) == applied(SOURCE, every) == FIXED
    silenced = applied(SOURCE, comment)
    assert silenced == SOURCE.replace("q, k)\n", "q, k)  # einlint: ignore[EIN105]\n")
    client.change(uri, silenced, 8)
    assert client.diagnostics(uri, 8) == []
    assert client.actions(uri, CALL) == []


def test_the_comment_goes_where_formatters_leave_it(client: Client) -> None:
    uri = client.uri("a.py")
    before = SOURCE.replace("q, k)\n", "q, k).view(\n        1\n    )\n")
    assert before != SOURCE
    client.open(uri, before, version=1)
    comment = client.actions(uri, CALL, "quickfix")[-1]
    silenced = applied(before, comment)
    assert silenced == before.replace("    )\n", "    )  # einlint: ignore[EIN105]\n")
    client.change(uri, silenced, 2)
    assert client.diagnostics(uri, 2) == []


def test_what_is_not_reported_is_offered_as_a_refactoring(client: Client) -> None:
    """It is not underlined; its title says what it rests on, and so does the hover."""
    uri = client.uri("a.py")
    assert codes(client.open(uri, MANY)) == ["EIN104", "EIN106", "EIN104"]
    (fix,) = client.actions(uri, OUTER, "refactor")
    assert (fix["kind"], "diagnostics" in fix) == ("refactor.rewrite", False)
    hover = client.hover(uri, 3, 50)["contents"]["value"]
    assert "safe if the call is not inside an autocast region" in hover
    assert fix["title"].startswith("einlint: replace with `torch.outer(c, d)` (unsafe: safe")
    assert "isPreferred" not in fix
    assert "torch.outer(c, d)\r\n" in applied(MANY, fix)


def test_no_action_is_offered_twice(client: Client) -> None:
    """Fixing all was offered as two kinds, and each of two findings offered the same comment."""
    uri = client.uri("a.py")
    twice = 'import torch\ntorch.einsum("nnm,mm->", a, b)\ntorch.einsum("i,i->", a, b)\n'
    (client.folder / "einlint.toml").write_text('select = ["EIN008", "EIN101"]\n')
    client.open(uri, twice)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}}
    offered = client.actions(uri, whole)
    assert [each["title"] for each in offered] == [
        "einlint: replace with `a @ b`",
        "einlint: fix all safe findings in this file",
        "einlint: ignore EIN008 here",
        "einlint: ignore EIN101 here",
    ]
    assert codes(offered[2]["diagnostics"]) == ["EIN008"] * 2
    # Both kinds, asked for by name, and the one where the cursor stands on no finding.
    assert len(client.actions(uri, whole, "quickfix", "source.fixAll")) == 5
    nowhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    assert [each["kind"] for each in client.actions(uri, nowhere)] == ["source.fixAll.einlint"]


@pytest.mark.parametrize("only", ["source.fixAll", "source.fixAll.einlint", "source"])
def test_fix_all_writes_what_the_command_line_does(client: Client, only: str) -> None:
    (client.folder / "a.py").write_bytes(MANY.encode())
    client.open(client.uri("a.py"), MANY)
    (action,) = client.actions(client.uri("a.py"), TOP, only)
    assert action["kind"] == "source.fixAll.einlint"
    einlint("--fix", cwd=client.folder)
    expected = (client.folder / "a.py").read_bytes().decode()
    assert applied(MANY, action) == expected != MANY


def test_an_editor_that_resolves_actions_gets_the_edits_of_fix_all_when_it_asks(
    tmp_path: Path,
) -> None:
    resolves = {"textDocument": {"codeAction": {"resolveSupport": {"properties": ["edit"]}}}}
    with Client(tmp_path, resolves) as client:
        uri = client.uri("a.py")
        client.open(uri, MANY)
        (action,) = client.actions(uri, TOP, "source.fixAll")
        assert "edit" not in action
        whole = client.request("codeAction/resolve", action)
    with Client(tmp_path, {}) as client:
        client.open(uri, MANY)
        (at_once,) = client.actions(uri, TOP, "source.fixAll")
    assert applied(MANY, whole) == applied(MANY, at_once) != MANY


def test_fix_all_is_not_offered_where_it_would_hide_an_error(client: Client) -> None:
    uri = client.uri("a.py")
    first = '    s = torch.einsum("bhqd,bhkd->bhqk", q, k)\n'
    text = f"import torch\n\n\ndef both(q, k):\n{first}"
    raises = '    return s, torch.einsum("bij,bjk->bik", q, k)\n'
    assert set(codes(client.open(uri, text + raises))) == {"EIN105", "EIN004"}
    assert client.actions(uri, TOP, "source.fixAll") == []
    client.change(uri, f"{text}    return s\n", 2)
    assert len(client.actions(uri, TOP, "source.fixAll")) == 1


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 12), ("utf-16", 10), ("utf-32", 9)])
def test_columns_count_what_client_and_server_agree_on(
    tmp_path: Path, encoding: str, column: int
) -> None:
    with Client(tmp_path, {"general": {"positionEncodings": [encoding]}}) as client:
        assert client.capabilities["positionEncoding"] == encoding
        found = client.open("untitled:Untitled-1", MANY)
        assert found[0]["range"]["start"] == {"line": 3, "character": column}
        fix = client.actions("untitled:Untitled-1", found[0]["range"])[0]
        assert list(fix["edit"]) == ["changes"]  # it did not say that it takes versions


def test_hover_explains_the_equation_and_nothing_else(client: Client) -> None:
    uri = client.uri("a.py")
    client.open(uri, SOURCE)
    for column in (20, 30):
        said = client.hover(uri, 4, column)
        assert said["contents"]["kind"] == "markdown"
        text = said["contents"]["value"]
        assert text.startswith("**EIN105** `bhqd,bhkd->bhqk` is a batched matrix product")
        assert "Replace with `q @ k.transpose(-2, -1)`" in text
        assert "  d    contracted  in several operands, summed over" in text
    assert client.hover(uri, 4, 46) is None
    assert client.hover(uri, 0, 2) is None


def test_hover_says_what_explain_says_of_the_call(client: Client) -> None:
    write(client.folder, {"a.py": SOURCE})
    uri = client.uri("a.py")
    client.open(uri, SOURCE)
    text = client.hover(uri, 4, 30)["contents"]["value"]
    said = einlint("explain", "a.py:5", cwd=client.folder).stdout.decode()
    _, _, explanation = said.partition("\n\n")
    assert explanation.startswith("bhqd,bhkd->bhqk is a batched matrix product")
    assert f"```text\n{explanation.rstrip()}\n```" in text


def test_hover_of_nested_calls_and_of_broken_ones(client: Client) -> None:
    uri = client.uri("a.py")
    client.open(uri, MANY + 'z = einsum("i->j", a)\r\n')
    assert "`ij,jk->ik`" in client.hover(uri, 4, 38)["contents"]["value"]
    assert client.hover(uri, 5, 8)["contents"]["value"].startswith("**EIN003**")
    client.change(uri, BROKEN, 2)
    client.diagnostics(uri, 2)
    assert client.hover(uri, 1, 3) is None


@pytest.mark.parametrize(
    ("rows", "operands", "said"),
    [
        ("a = torch.randn(2, 3)\n b = torch.randn(3, 4)", "a, b", "  a  (2, 3)\n  b  (3, 4)"),
        ("b, n, d = x.shape\n w = torch.randn(d, 4)", "x, w", "  x  (b, n, d)\n  w  (d, 4)"),
        ("b = x.shape[0]\n y = x.view(b, -1, 7)", "y, w", "  y  (x.shape[0], ?, 7)"),
    ],
)
def test_hover_shows_the_sizes_that_the_code_shows(
    client: Client, rows: str, operands: str, said: str
) -> None:
    uri, call = client.uri("a.py"), f"torch.einsum('...j,jk->...k', {operands})"
    client.open(uri, f"import torch\ndef f(x, w):\n {rows}\n return {call}\n")
    shown = client.hover(uri, 4, 10)["contents"]["value"]
    assert f"```text\nOperands\n{said}\n```" in shown, shown


def test_the_setting_annotate_holds_for_quick_fixes(client: Client) -> None:
    write(client.folder, {"pyproject.toml": "[tool.einlint]\nannotate = true\n"})
    uri = client.uri("a.py")
    client.open(uri, SOURCE)
    fix, every, _ = client.actions(uri, CALL, "quickfix")
    expected = FIXED.replace("-1)\n", "-1)  # bhqd,bhkd->bhqk\n")
    assert applied(SOURCE, fix) == applied(SOURCE, every) == expected


def test_changes_of_a_file_whose_uri_is_quoted(client: Client) -> None:
    uri = client.uri("a b.py")
    client.open(uri, SOURCE)
    client.change(uri, FIXED, 2)
    assert "%20" in uri
    assert client.diagnostics(uri, 2) == []


def test_settings_are_those_of_the_path_and_their_changes_are_seen(client: Client) -> None:
    table = '[tool.einlint]\nextend-exclude = ["old"]\n'
    write(client.folder, {"pyproject.toml": table, "old/a.py": SOURCE})
    excluded, uri = client.uri("old/a.py"), client.uri("new/a.py")
    assert client.open(excluded, SOURCE) == []
    assert client.actions(excluded, CALL) == []
    assert codes(client.open(uri, SOURCE)) == ["EIN105"]
    write(client.folder, {"pyproject.toml": '[tool.einlint]\nignore = ["EIN105"]\n'})
    client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    assert client.diagnostics(uri) == []


def test_a_request_is_answered_before_all_open_texts_are_checked_again(mortal: Client) -> None:
    """All five hundred were, after each change of the settings."""
    uris = [mortal.uri(f"m{number}.py") for number in range(500)]
    for uri in uris:
        mortal.open(uri, SOURCE)
    write(mortal.folder, {"pyproject.toml": '[tool.einlint]\nignore = ["EIN105"]\n'})
    for _ in range(2):
        mortal.notify("workspace/didChangeWatchedFiles", {"changes": []})
    answer = mortal.hover(uris[0], 4, 30)
    assert "batched matrix product" in answer["contents"]["value"]
    assert len(mortal.unread()) < 50
    assert [mortal.diagnostics(uri) for uri in uris] == [[]] * len(uris)


def test_wrong_settings_are_told_where_they_count(client: Client) -> None:
    write(client.folder, {"pyproject.toml": "[tool.einlint]\nselct = []\n"})
    uri = client.uri("a.py")
    (found,) = client.open(uri, SOURCE)
    assert "unknown key `selct`; did you mean `select`?" in found["message"]
    assert client.actions(uri, CALL) == []
    assert client.hover(uri, 4, 30) is None
    write(client.folder, {"pyproject.toml": ""})
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert codes(client.diagnostics(uri)) == ["EIN105"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('extend = "~nouser/x.toml"', "`extend` names `~nouser/x.toml`"),
        (f"select = {'[' * 5000}{']' * 5000}", "einlint.toml: it is nested too deeply"),
    ],
)
def test_settings_that_cannot_be_read_are_told_and_the_server_goes_on(
    client: Client, table: str, said: str
) -> None:
    (client.folder / "wrong").mkdir()
    write(client.folder / "wrong", {"einlint.toml": table})
    uri = client.uri("wrong/a.py")
    (found,) = client.open(uri, SOURCE)
    assert said in found["message"]
    assert client.actions(uri, CALL) == []
    assert client.hover(uri, 4, 30) is None
    assert codes(client.open(client.uri("b.py"), SOURCE)) == ["EIN105"]


def test_an_editor_that_watches_files_is_asked_to(tmp_path: Path) -> None:
    watching = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    with Client(tmp_path, watching) as client:
        (asked,) = client.server_request("client/registerCapability")["registrations"]
        globs = [each["globPattern"] for each in asked["registerOptions"]["watchers"]]
        assert globs == ["**/pyproject.toml", "**/einlint.toml"]


def test_it_leaves_with_0_and_has_said_nothing_on_standard_error(mortal: Client) -> None:
    mortal.open(mortal.uri("a.py"), SOURCE)
    mortal.request("shutdown", None)
    mortal.notify("exit", None)
    _, errors = mortal.process.communicate()
    assert (mortal.process.returncode, errors) == (0, b"")


def test_exit_before_shutdown_is_an_error(mortal: Client) -> None:
    mortal.notify("exit", None)
    _, errors = mortal.process.communicate()
    assert (mortal.process.returncode, errors) == (1, b"")


def test_the_option_that_editors_pass_is_taken(tmp_path: Path) -> None:
    done = einlint("lsp", "--stdio", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_leaves_when_the_editor_is_gone(mortal: Client) -> None:
    mortal.process.communicate()  # closes its standard input
    assert mortal.process.returncode == 0


def test_broken_messages_do_not_stop_it(mortal: Client) -> None:
    for body in (b"{", b"[]", b'{"jsonrpc": "2.0", "method": "no/such"}'):
        mortal.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert codes(mortal.open(mortal.uri("a.py"), SOURCE)) == ["EIN105"]


def test_without_pygls_one_line_says_what_to_install(tmp_path: Path) -> None:
    write(tmp_path, {"pygls.py": "raise ModuleNotFoundError(name='pygls')"})
    done = einlint("lsp", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"einlint: lsp needs pygls: pip install 'pygls>=2.0'\n"
    assert (done.stdout, einlint("lsp", "--help", cwd=tmp_path).returncode) == (b"", 0)
