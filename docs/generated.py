"""The parts of the docs that are made from the code: rule pages, settings, options, API.

A page asks for such a part by a line of its own, `<!-- generated: rules -->`. The pages of the
rules are written to `docs/rules/`, where git ignores them.
"""

import inspect
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
from sphinx.application import Sphinx

import einlint
from einlint import api
from einlint.algebra.equation import EquationError, parse
from einlint.cli.main import cli
from einlint.linting.findings import Change, Findings
from einlint.output.format import format_names
from einlint.output.records import record_of
from einlint.pictures.picture import picture
from einlint.rewriting.assumptions import GRANTED_BY_DEFAULT, MEANINGS
from einlint.rulebook.pages import example_equation, has_fix, summary, titled
from einlint.rulebook.selection import all_rules
from einlint.settings import Settings, declared

RULES: Final = Path(__file__).parent / "rules"
_WIDTH: Final = 88  # columns of the help texts
_MARK: Final = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)
_EXAMPLE: Final = """import torch


def scores(q, k):
    return torch.einsum("bhqd,bhkd->bhqk", q, k)
"""


def rules() -> Iterator[str]:
    """The table of all rules."""
    yield "| code | name | finds | default | severity | fix |"
    yield "|---|---|---|---|---|---|"
    for rule in all_rules():
        default, fix = ("on" if rule.is_default else "off"), ("yes" if has_fix(rule.page) else "no")
        name = f"[{rule.code}]({rule.code}.md) | {rule.name}"
        yield f"| {name} | {summary(rule.page)} | {default} | {rule.severity.value} | {fix} |"


def pages() -> Iterator[str]:
    """The table of contents of the rules' pages."""
    yield from ("```{toctree}", ":hidden:", "")
    yield from (rule.code for rule in all_rules())
    yield "```"


def assumptions() -> Iterator[str]:
    """The table of all assumptions."""
    yield "| assumption | what it means | granted by default |"
    yield "|---|---|---|"
    for name, meaning in MEANINGS.items():
        yield f"| `{name}` | {meaning} | {'yes' if name in GRANTED_BY_DEFAULT else 'no'} |"


def settings() -> Iterator[str]:
    """Every setting with its default and its option."""
    schema = json.loads((Path(einlint.__file__).parent / "settings.schema.json").read_text())
    for (key, setting), each in zip(declared().items(), fields(Settings), strict=True):
        takes = _takes(schema["properties"][key])
        yield from ("", f"### `{key}`", "", setting.text, "", f"- takes {takes}")
        if isinstance(each.default, (bool, str, tuple)) and each.default != ():
            value = list(each.default) if isinstance(each.default, tuple) else each.default
            yield f"- default: `{json.dumps(value)}`"
        if setting.option is not None:
            yield f"- on the command line: `--{key}`"


def _takes(schema: Mapping[str, Any]) -> str:
    """What values a setting has, in words."""
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
    if schema["type"] == "object" and "properties" in schema:
        keys = schema["properties"]
        return "a table: " + "; ".join(
            f"`{key}`, {_takes(each)}: {each['description'].rstrip('.')}"
            for key, each in keys.items()
        )
    if schema["type"] == "object":
        return f"a table of {_plural(schema['additionalProperties'])}"
    return {"boolean": "`true` or `false`", "string": "a string"}.get(
        schema["type"], f"a list of {_plural(schema.get('items', {}))}"
    )


def _plural(schema: Mapping[str, Any]) -> str:
    if "items" in schema:
        return f"lists of {_plural(schema['items'])}"
    if "anyOf" in schema:
        return "codes of rules or prefixes"
    return {"integer": "integers", "string": "strings"}.get(schema.get("type", ""), "names")


def options() -> Iterator[str]:
    """The help of every command."""
    with click.Context(cli, info_name="einlint") as context:
        for name in cli.list_commands(context):
            command = cli.get_command(context, name)
            assert command is not None, name
            inner = click.Context(command, info_name=name, parent=context)
            inner.max_content_width = inner.terminal_width = _WIDTH
            yield from ("", f"## einlint {name}", "", "```text", command.get_help(inner), "```")


def record() -> Iterator[str]:
    """One finding, as `--output-format json` writes it."""
    settings = Settings(docs_url="https://example.org/einlint")
    found = api.check_source(_EXAMPLE, "src/attention.py", settings)
    (finding,) = (record_of(each, found.places) for each in found.diagnostics)
    yield from ("```json", json.dumps([finding], indent=2), "```")


def formats() -> Iterator[str]:
    """Each value of --output-format, by the first line of its module."""
    for name in format_names():
        about = inspect.getdoc(import_module(f"einlint.output.formats.{name}")) or ""
        yield f"- `{name}`: {about.partition(chr(10))[0]}"


def functions() -> Iterator[str]:
    """The Python API: each function with its signature, and what it returns."""
    for function in (api.check_source, api.fix_source, api.explain):
        yield from _described(function, f"einlint.{function.__name__}")
    for kind in (Findings, Change):
        yield from _described(kind, f"{kind.__module__}.{kind.__name__}")


def _described(thing: Callable[..., Any], name: str) -> Iterator[str]:
    yield from ("", f"## `{name}`", "")
    if inspect.isfunction(thing):
        parts = re.sub(r"\b(einlint|collections)\.(\w+\.)*", "", str(inspect.signature(thing)))
        lines = re.sub(
            r", (?=\w+:|\*)|(?<=\()|(?=\) ->)", lambda at: f"{at[0].strip()}\n    ", parts
        )
        signature = f"{thing.__name__}{lines}".replace("    ) ->", ") ->")
        yield from ("```text", signature, "```", "")
    text = inspect.getdoc(thing) or ""
    for line in text.splitlines():
        # `Args:` and `Raises:` become headings of lists, and so do plain lines `name: what`.
        if re.fullmatch(r"\w+:", line):
            yield f"\n**{line[:-1]}**\n"
        elif entry := re.match(r"(?:    )?([\w.]+): (.*)", line):
            yield f"- `{entry[1]}`: {entry[2]}"
        else:
            yield f"  {line.strip()}" if line.startswith("    ") else line


_PARTS: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    each.__name__: each
    for each in (rules, pages, assumptions, settings, options, record, formats, functions)
}


def filled(text: str) -> str:
    """A page with the parts that it asks for.

    Raises:
        KeyError: there is no such part.
    """
    return _MARK.sub(lambda mark: "\n".join(_PARTS[mark[1]]()), text)


def write_rule_pages() -> None:
    """Write the page of each rule, and its picture; those of rules that are gone are removed."""
    wanted = {f"{rule.code}.md": titled(rule.name, rule.code, rule.page) for rule in all_rules()}
    wanted |= {f"{rule.code}.svg": drawn for rule in all_rules() if (drawn := _drawn(rule.page))}
    for old in RULES.glob("EIN*"):
        if old.name not in wanted:
            old.unlink(missing_ok=True)
    for name, text in wanted.items():
        path = RULES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            new = RULES / f".{name}.{os.getpid()}"
            new.write_text(text, encoding="utf-8")
            new.replace(path)  # another build may read it now


def _drawn(page: str) -> str:
    """The picture of a rule's example; empty if torch does not accept its equation."""
    equation = example_equation(page)
    try:
        return "" if equation is None else picture(parse(equation))
    except EquationError:
        return ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Add both to the build."""
    app.connect("builder-inited", lambda _: write_rule_pages())
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}


def _fill(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = filled(source[0])
    if (RULES.parent / f"{name}.svg").exists():  # a page of a rule; `einlint rule` prints the rest
        shown = f"## Example\n\n![What the equation computes]({Path(name).name}.svg)\n\n"
        source[0] = source[0].replace("## Example\n", shown, 1)
