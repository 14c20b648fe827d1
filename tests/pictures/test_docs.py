"""The pictures in docs/pictures are those that the commands beside them draw."""

import re
import shlex

import pytest

from tests.cli.run import called
from tests.conftest import ROOT, Golden

PAGE = ROOT / "docs" / "pictures.md"
SHOWN = re.findall(r"^einlint (explain .*) > (pictures/\S+\.svg)$", PAGE.read_text(), re.M)


@pytest.mark.parametrize(("command", "name"), SHOWN)
def test_a_picture_is_fresh(golden: Golden, command: str, name: str) -> None:
    done = called(*shlex.split(command), cwd=ROOT / "docs")
    assert done.returncode == 0, done.stderr
    golden.check(ROOT / "docs" / name, done.stdout.decode())


def test_the_page_shows_all_pictures_and_no_other() -> None:
    files = {f"pictures/{path.name}" for path in (ROOT / "docs" / "pictures").glob("*.svg")}
    assert files == {name for _, name in SHOWN}
    assert files <= {*re.findall(r"!\[[^]]+\]\((\S+)\)", PAGE.read_text())}
