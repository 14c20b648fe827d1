"""The pictures of contractions in the docs are those that the commands beside them draw."""

import re
import shlex

import pytest

from tests.cli.run import called
from tests.conftest import ROOT, Golden

PAGE = ROOT / "docs" / "how-to" / "pictures.md"
SHOWN = re.findall(r"^einlint (explain .*) > (docs/pictures/\S+\.svg)$", PAGE.read_text(), re.M)


@pytest.mark.parametrize(("command", "name"), SHOWN)
def test_a_picture_is_fresh(golden: Golden, command: str, name: str) -> None:
    done = called(*shlex.split(command), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    golden.check(ROOT / name, done.stdout.decode())


def test_the_page_shows_all_pictures_and_no_other() -> None:
    files = {*(ROOT / "docs" / "pictures" / "contractions").glob("*.svg")}
    assert files == {ROOT / name for _, name in SHOWN}
    shown = re.findall(r"!\[[^]]+\]\((\S+)\)", PAGE.read_text())
    assert files <= {(PAGE.parent / each).resolve() for each in shown}
