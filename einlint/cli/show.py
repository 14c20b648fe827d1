"""Texts for `--show-settings` and `--verbose`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from einlint.cli.visit import Target
from einlint.printable import counted, printable, shown_name
from einlint.project.configuration import Project
from einlint.settings import VerifySettings


def settings_text(project: Project, *, is_overridden: bool) -> str:
    """The settings as a `[tool.einlint]` table that can be pasted into a pyproject.toml."""
    lines = [f"# from {shown_name(str(source))}" for source in project.sources] or [
        "# from no file: the defaults"
    ]
    if is_overridden:
        lines.append("# with the options of the command line")
    return "\n".join([*lines, "[tool.einlint]", *_setting_lines(project)]) + "\n"


def _setting_lines(project: Project) -> Iterator[str]:
    for setting in fields(project.settings):
        value, key = getattr(project.settings, setting.name), setting.name.replace("_", "-")
        if value is None:
            yield f"# {key}: default"
        elif key == "per-file-ignores":
            pairs = (f"{_toml(pattern)} = {_toml(codes)}" for pattern, codes in value)
            yield f"{key} = {{ {', '.join(pairs)} }}"
        elif isinstance(value, VerifySettings):
            yield f"{key} = {_verify(value)}"
        else:
            yield f"{key} = {_toml(value)}"


def _verify(value: VerifySettings) -> str:
    """The table on one line, without the defaults."""
    sizes = ", ".join(f"{_toml(label)} = {size}" for label, size in value.sizes)
    pairs = (
        f"device = {_toml(value.device)}" if value.device else "",
        f"dtype = {_toml(value.dtype)}" if value.dtype else "",
        f"sizes = {{ {sizes} }}" if sizes else "",
    )
    return f"{{ {', '.join(filter(None, pairs))} }}"


def _toml(value: object) -> str:
    """The value as TOML: the same as JSON here, except that TOML must escape DEL."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")


def verbose_text(targets: Sequence[Target], seconds: float) -> str:
    """The text of --verbose: settings files, checked files and elapsed time."""
    sources: dict[Path, None] = {each: None for target in targets for each in target.sources}
    lines = [f"settings from {source}" for source in sources] or ["settings: the defaults"]
    lines += [f"checked {target.name}" for target in targets]
    return "".join(
        f"{printable(line)}\n"
        for line in [*lines, f"{counted(len(targets), 'file')} in {seconds:.2f} s"]
    )
