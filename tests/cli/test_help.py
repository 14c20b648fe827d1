"""--help: every option of the commands with many has a group, and each group a heading."""

from pathlib import Path

import click
import pytest

from einlint.cli.grouped import GroupedCommand, group_of
from einlint.cli.main import cli
from tests.cli.run import einlint

GROUPED = ("baseline", "bench", "check", "verify")


def command_named(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", GROUPED)
def test_every_option_has_a_group(name: str) -> None:
    command = command_named(name)
    assert isinstance(command, GroupedCommand)
    options = [each.name for each in command.params if isinstance(each, click.Option)]
    assert not [each for each in options if group_of(each) == "Other"]


def test_the_groups_are_shown_in_order_and_hold_every_option(tmp_path: Path) -> None:
    text = einlint("check", "--help", cwd=tmp_path).stdout.decode()
    titles = [line[:-1] for line in text.splitlines() if line.endswith(":") and line[0] != " "]
    expected = ["What to fix", "What to report", "Where", "How to print", "Exit code", "Other"]
    assert titles == expected
    for each in command_named("check").params:
        if isinstance(each, click.Option):
            assert any(option in text for option in each.opts)
    fixing, _, rest = text.partition("What to report:")
    assert "--unsafe-fixes" in fixing
    assert "--select" in rest
    assert "[PATHS]..." not in rest
