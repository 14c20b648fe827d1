"""Sources that Python parses and its tokenizer does not: Python 3.12 and 3.13 have such."""

from pathlib import Path
from unittest.mock import patch

import pytest

from tests.cli.run import called, einlint, findings, write

CALL = 'torch.einsum("ij,jk->ik", a, b)'
TOP = "import torch\n"
# Python 3.12 parses it, and its tokenizer raises SystemError, UnicodeDecodeError or nothing.
UNREAD = "y = f'{f\"\\\n\"=}{a}'\n"
SPELLINGS = [
    UNREAD,
    UNREAD.replace('f"', 'f"\N{LATIN SMALL LETTER E WITH ACUTE}'),
    UNREAD.replace('f"', 'f"\N{GRINNING FACE}'),
    UNREAD.replace('f"', 'rf"'),
]


def codes(text: str, *options: str, folder: Path) -> list[str]:
    """The codes in a file that older versions of Python cannot parse."""
    write(folder, {"a.py": text})
    return [each["code"] for each in findings(*options, "a.py", cwd=folder)]


@pytest.mark.parametrize("unread", SPELLINGS)
def test_it_is_checked_as_any_other_file(tmp_path: Path, unread: str) -> None:
    try:
        compile(unread, "a.py", "exec")
    except SyntaxError:
        pytest.skip("this version of Python does not parse it")
    assert codes(f"{TOP}{unread}z = {CALL}  # noqa: X1\n", folder=tmp_path) == ["EIN104"]
    assert codes(f"{TOP}{unread}z = {CALL}  # noqa: EIN104\n", folder=tmp_path) == []
    assert codes(f"{TOP}z = {CALL}  # noqa: EIN104\n{unread}", folder=tmp_path) == []


@pytest.fixture(params=[SystemError, UnicodeDecodeError, IndentationError, ValueError, IndexError])
def tokenizer(request: pytest.FixtureRequest) -> object:
    """One that gives up on the second row, with what some version may raise."""

    def generate(readline: object, real: object = __import__("tokenize").generate_tokens) -> object:
        for token in real(readline):
            yield token
            if token.end[0] > 1:
                arguments = ("utf-8", b"", 0, 1, "") if request.param is UnicodeDecodeError else ()
                raise request.param(*arguments)

    with patch("tokenize.generate_tokens", generate):
        yield generate


@pytest.mark.usefixtures("tokenizer")
def test_no_comment_that_silences_a_call_is_lost(tmp_path: Path) -> None:
    filler = "x = 1\n"
    for comment in ("# noqa", "# noqa: EIN104", "# einlint: ignore[EIN104] why"):
        text = f"{TOP}{filler}z = ('#', {CALL})  {comment}\ny = {CALL}\n"
        assert codes(text, folder=tmp_path) == ["EIN104"]
        assert called("--fix", "a.py", cwd=tmp_path).returncode == 0
        fixed = f"{TOP}{filler}z = ('#', {CALL})  {comment}\ny = a @ b\n"
        assert (tmp_path / "a.py").read_text() == fixed


@pytest.mark.usefixtures("tokenizer")
def test_nothing_is_said_of_a_comment_that_may_be_part_of_a_string(tmp_path: Path) -> None:
    text = f"{TOP}x = 1\ny = '''\n# noqa: EIN104\n'''\nz = {CALL}\n"
    assert codes(text, "--extend-select", "EIN901", folder=tmp_path) == ["EIN104"]
    done = called("--add-ignore", "why", "a.py", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "a.py").read_text()) == (1, text)


def test_a_warning_of_python_on_a_part_of_a_source_is_not_printed(tmp_path: Path) -> None:
    # Python 3.12 warns of `1if` and of the escape, in the file and in each part of it.
    parts = CALL.replace("a,", "\n    a['\\d'],\n    ")
    text = f"{TOP}y = 1if {CALL}else {parts}\n"
    write(tmp_path, {"a.py": text})
    environment = {"PYTHONWARNINGS": "always"}
    done = einlint("--fix", "--unsafe-fixes", "-q", "a.py", cwd=tmp_path, environment=environment)
    # Installed packages may warn of themselves, in other words.
    assert (done.returncode, b"invalid" in done.stderr) == (0, False)
    assert "einsum" not in (tmp_path / "a.py").read_text()
