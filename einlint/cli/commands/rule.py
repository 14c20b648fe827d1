"""`einlint rule CODE` and `einlint rule --all`: print the pages of the rules."""

import json
from collections.abc import Iterable
from typing import Any

import click

from einlint.rulebook.pages import example_equation, has_fix, sections, summary, titled
from einlint.rulebook.rule import Rule
from einlint.rulebook.selection import all_rules, rule_with
from einlint.settings import SettingsError


@click.command()
@click.argument("code", required=False)
@click.option("--all", "is_all", is_flag=True, help="Print the pages of all rules.")
@click.option(
    "--output-format",
    type=click.Choice(("text", "json", "html")),
    default="text",
    show_default=True,
    help="Print Markdown; or the parts of the page as a JSON object (with --all an array); or an"
    " HTML page with a picture of the example.",
)
def rule(code: str | None, is_all: bool, output_format: str) -> None:
    """Print the page of a rule.

    The page explains what the rule does and why, with an example, and how safe its fix is.
    """
    if (code is not None) == is_all:
        raise click.UsageError("give one rule code, as in `einlint rule EIN105`, or --all")
    try:
        found = all_rules() if code is None else (rule_with(code),)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if output_format == "text":
        click.echo("\n".join(_page(each) for each in found), nl=False)
    elif output_format == "html":
        click.echo(_html(found), nl=False)
    else:
        parts = [_parts(each) for each in found]
        click.echo(json.dumps(parts if is_all else parts[0], indent=2))


def _page(rule: Rule[Any]) -> str:
    return titled(rule.name, rule.code, rule.page)


def _html(rules: Iterable[Rule[Any]]) -> str:
    from einlint.output.page.explained import explained_page, part_of_rule

    parts = (
        part_of_rule(f"{each.name} ({each.code})", each.page, example_equation(each.page))
        for each in rules
    )
    return explained_page("einlint rule", parts)


def _parts(rule: Rule[Any]) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": summary(rule.page),
        "default": rule.is_default,
        "severity": rule.severity.value,
        "fixable": has_fix(rule.page),
        "sections": sections(rule.page),
        "page": _page(rule),
    }
