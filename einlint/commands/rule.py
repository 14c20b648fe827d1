"""`einlint rule CODE`: the page of a rule."""

import click

from einlint.rulebook.selection import rule_with
from einlint.settings import SettingsError


@click.command()
@click.argument("code")
def rule(code: str) -> None:
    """Print the page of a rule: what it does, why, an example, and how safe its fix is."""
    try:
        found = rule_with(code)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"# {found.name} ({found.code})\n\n{found.page.strip()}")
