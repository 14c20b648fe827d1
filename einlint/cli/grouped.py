"""A command whose `--help` shows its options in groups: what to report, what to fix, where, how."""

from collections.abc import Mapping
from typing import Final

import click

_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "What to fix": (
        *("fix", "unsafe_fixes", "diff", "fixable", "unfixable", "add_ignore"),
        *("verified_report", "verified_level", "accept_busy"),
    ),
    "What to report": (
        *("select", "extend_select", "ignore", "pedantic", "baseline", "grow"),
        *("min_speedup", "strict", "old_report"),
    ),
    "What to run": ("given", "sweep", "presets", "dtypes", "backward", "compile_too", "candidates"),
    "On which machine": ("device", "cuda", "threads", "budget", "flush_l2", "tf32", "dry_run"),
    "Where": (
        *("exclude", "extend_exclude", "force_exclude", "respect_gitignore", "stdin_filename"),
        *("config", "isolated", "trace", "jobs", "show_files", "show_settings"),
    ),
    "How to print": (
        *("output_format", "format_name", "output_file", "show_statistics", "profile_dir"),
        *("quiet", "verbose", "color"),
    ),
    "Exit code": ("exit_zero", "exit_non_zero_on_fix"),
}
_REST: Final = "Other"


class GroupedCommand(click.Command):
    """Lists its options by `_GROUPS`; what is in none of them comes last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section for each group that has options here."""
        found: dict[str, list[tuple[str, str]]] = {title: [] for title in (*_GROUPS, _REST)}
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        for each in sorted(options, key=_place):
            if (record := each.get_help_record(ctx)) is not None:
                found[group_of(each.name)].append(record)
        for title, records in found.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def group_of(name: str | None) -> str:
    """The title of the group of an option, by the name of its value."""
    return next((title for title, names in _GROUPS.items() if name in names), _REST)


def _place(option: click.Parameter) -> int:
    """Its place in its group."""
    names = _GROUPS.get(group_of(option.name), ())
    return names.index(option.name) if option.name in names else len(names)
