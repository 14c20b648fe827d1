"""Settings: the keys of `[tool.einlint]`, each declared once with type, default and help text.

Command-line options, the JSON schema and `--show-settings` are derived from these.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from keyword import iskeyword
from typing import Any, Final, NamedTuple, TypeAlias

from einlint.rewriting.assumptions import GRANTED_BY_DEFAULT, MEANINGS
from einlint.rewriting.dialects.style import MatmulStyle, Style, TransposeStyle
from einlint.unusable import UnusableError

# Folders with code of other projects, or without code.
EXCLUDED_BY_DEFAULT: Final = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "_build",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)

_KEY: Final = "setting"
_ADDRESS: Final = r"(https?|file)://[^\s\"<>]+"
_VERSION: Final = r"[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?"

EXTEND: Final = "extend"
"""The key that names a base settings file; `einlint.project.configuration` follows it."""


class SettingsError(UnusableError):
    """A setting is unknown or has an invalid value."""


Reader: TypeAlias = Callable[[str, object], object]
"""Converts the value of a key in a file to the value of a field; raises SettingsError."""


class Option(NamedTuple):
    """The command-line option of a setting: `--` and the key.

    metavar: the name of the value in the help; None for a flag.
    adds: the option appends to the setting instead of replacing it. Codes of rules have an order
        of their own: `einlint.rulebook.selection.layered`.
    is_relative: the values are patterns relative to the current folder.
    """

    metavar: str | None = None
    adds: bool = False
    is_relative: bool = False


class Setting(NamedTuple):
    """A setting without its type and default: help text, reader and option."""

    text: str
    read: Reader
    option: Option | None = None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """`; did you mean ...?` with the nearest known name; empty if none is near."""
    from difflib import get_close_matches  # only wrong settings need it, and equations

    nearest = get_close_matches(name, known, n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def read_flag(key: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise SettingsError(f"`{key}` must be true or false, not {value!r}")
    return value


def read_names(key: str, value: object) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"`{key}` must be a list of strings, not {value!r}")
    return tuple(value)


def read_codes(key: str, value: object) -> tuple[str, ...]:
    """A list of rule codes or prefixes; `einlint.project.resolver` checks that they exist."""
    return read_names(key, value)


def read_codes_by_pattern(key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A table of lists of codes, by glob pattern."""
    if not isinstance(value, dict):
        raise SettingsError(f'`{key}` must be a table, as in {{ "tests/*" = ["EIN105"] }}')
    return tuple(
        (pattern, read_codes(f"{key}.{pattern}", codes)) for pattern, codes in value.items()
    )


def read_name(key: str, value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise SettingsError(f"`{key}` must be a string, not {value!r}")
    return value


def read_sizes(key: str, value: object) -> tuple[tuple[str, int], ...]:
    """A table of sizes, by index."""
    sizes = tuple(value.items()) if isinstance(value, dict) else ()
    if not isinstance(value, dict) or not all(type(size) is int and size > 0 for _, size in sizes):
        raise SettingsError(f"`{key}` must be a table of sizes, as in {{ b = 8, h = 8 }}")
    return sizes


def read_equations(key: str, value: object) -> tuple[str, ...]:
    """A list of equations."""
    from einlint.algebra.equation import EquationError, parse

    equations = read_names(key, value)
    for equation in equations:
        try:
            parse(equation)
        except EquationError as error:
            raise SettingsError(
                f"`{key}`: {equation!r} is not an equation: {error.reason}"
            ) from error
    return equations


def read_assumptions(key: str, value: object) -> tuple[str, ...]:
    """A list of names of assumptions."""
    names = read_names(key, value)
    for name in names:
        if name not in MEANINGS:
            raise SettingsError(f"unknown assumption `{name}`{did_you_mean(name, MEANINGS)}")
    return names


def read_version(key: str, value: object) -> str:
    """A version of torch."""
    if not isinstance(value, str) or re.fullmatch(_VERSION, value) is None:
        raise SettingsError(f'`{key}` must be a version, as in "2.1", not {value!r}')
    return value


def read_address(key: str, value: object) -> str:
    """The address of a web page."""
    if not isinstance(value, str) or re.fullmatch(_ADDRESS, value) is None:
        raise SettingsError(f'`{key}` must be an address, as in "https://example.org/einlint"')
    return value


def read_functions(key: str, value: object) -> tuple[str, ...]:
    """A list of dotted names of functions."""
    functions = read_names(key, value)
    for name in functions:
        parts = name.split(".")
        if len(parts) == 1 or not all(
            part.isidentifier() and not iskeyword(part) for part in parts
        ):
            raise SettingsError(f'`{key}` needs dotted names, as in "mylib.einsum", not {name!r}')
    return functions


def read_one_of(choices: type[StrEnum]) -> Reader:
    """One of the values of an enum."""

    def read(key: str, value: object) -> StrEnum:
        names = [choice.value for choice in choices]
        if value not in names:
            options = " or ".join(f'"{name}"' for name in names)
            raise SettingsError(f"`{key}` must be {options}, not {value!r}")
        return choices(value)

    return read


def _setting(default: Any, text: str, read: Reader, option: Option | None = None) -> Any:
    return field(default=default, metadata={_KEY: Setting(text, read, option)})


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """Defaults for the options of `einlint verify`."""

    device: str | None = _setting(None, "The device, as with `--device`.", read_name)
    dtype: tuple[str, ...] = _setting((), "The dtypes, as with `--dtype`.", read_names)
    sizes: tuple[tuple[str, int], ...] = _setting(
        (), "The sizes of indices, as with `--size`.", read_sizes
    )


def read_verify(key: str, value: object) -> VerifySettings:
    """The table of `einlint verify`."""
    if not isinstance(value, dict):
        raise SettingsError(f'`{key}` must be a table, as in {{ device = "cuda" }}')
    return replace(VerifySettings(), **_values(VerifySettings, value, f"{key}."))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a check depends on, besides the source."""

    select: tuple[str, ...] | None = _setting(
        None,
        "Report these rule codes or prefixes (or ALL), instead of the defaults.",
        read_codes,
        Option("CODES"),
    )
    extend_select: tuple[str, ...] = _setting(
        (),
        "Report these rule codes or prefixes in addition.",
        read_codes,
        Option("CODES"),
    )
    ignore: tuple[str, ...] = _setting(
        (), "Do not report these rule codes or prefixes.", read_codes, Option("CODES")
    )
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), "Do not report these codes in files that match a pattern.", read_codes_by_pattern
    )
    allow: tuple[str, ...] = _setting(
        (), "Never report these equations, whatever their letters.", read_equations
    )
    fixable: tuple[str, ...] | None = _setting(
        None,
        "Apply only fixes of these rule codes or prefixes.",
        read_codes,
        Option("CODES"),
    )
    unfixable: tuple[str, ...] = _setting(
        (),
        "Show fixes of these rule codes or prefixes, but do not apply them.",
        read_codes,
        Option("CODES"),
    )
    exclude: tuple[str, ...] = _setting(
        EXCLUDED_BY_DEFAULT,
        "Skip files and folders that match; replaces the default exclusions.",
        read_names,
        Option("PATTERNS", is_relative=True),
    )
    extend_exclude: tuple[str, ...] = _setting(
        (),
        "Skip these files and folders in addition to the default exclusions.",
        read_names,
        Option("PATTERNS", adds=True, is_relative=True),
    )
    force_exclude: bool = _setting(
        False,
        "Apply exclusions to explicitly named paths too (for pre-commit).",
        read_flag,
        Option(),
    )
    respect_gitignore: bool = _setting(
        True, "Skip files ignored by git (default: on).", read_flag, Option()
    )
    assume: tuple[str, ...] = _setting(
        GRANTED_BY_DEFAULT,
        "Grant these assumptions, instead of the defaults.",
        read_assumptions,
    )
    extend_assume: tuple[str, ...] = _setting(
        (), "Grant these assumptions in addition to the defaults.", read_assumptions
    )
    matmul: MatmulStyle = _setting(
        MatmulStyle.OPERATOR, "How fixes write a matrix product.", read_one_of(MatmulStyle)
    )
    transpose: TransposeStyle = _setting(
        TransposeStyle.T,
        "How fixes write a swap of the last two axes; `T` is for matrices only.",
        read_one_of(TransposeStyle),
    )
    pedantic: bool = _setting(
        False,
        "Report every other spelling too, not only safe and simple ones.",
        read_flag,
        Option(),
    )
    annotate: bool = _setting(
        False, "Leave the equation as a comment on the line of the replacement.", read_flag
    )
    trust_trace: bool = _setting(
        False,
        "Grant an assumption where it held in all of three or more traced calls.",
        read_flag,
    )
    torch_version: str = _setting(
        "2.1", "The oldest torch that the code runs with: what replacements may use.", read_version
    )
    functions: tuple[str, ...] = _setting(
        (),
        "Treat these functions (dotted names) like torch.einsum; they take the same arguments.",
        read_functions,
    )
    docs_url: str | None = _setting(
        None,
        "Where the docs of einlint are: findings link to the pages of their rules.",
        read_address,
    )
    verify: VerifySettings = _setting(
        VerifySettings(), "Defaults for the options of `einlint verify`.", read_verify
    )

    @property
    def names_codes(self) -> bool:
        """Whether they select or ignore anything by a code, which must be the code of a rule."""
        named = (self.select, self.extend_select, self.ignore, self.fixable, self.unfixable)
        return any(each not in (None, ()) for each in (*named, self.per_file_ignores))

    @property
    def granted(self) -> tuple[str, ...]:
        """All granted assumptions."""
        return (*self.assume, *self.extend_assume)

    @property
    def torch(self) -> tuple[int, ...]:
        """The oldest torch, as numbers that can be compared."""
        return tuple(map(int, self.torch_version.split(".")))

    @property
    def left_out(self) -> tuple[str, ...]:
        """The assumptions that are granted by default, but not by these settings."""
        return tuple(name for name in GRANTED_BY_DEFAULT if name not in self.granted)

    def page_url(self, code: str) -> str | None:
        """The address of the page of a rule; None if the settings do not say where the docs are."""
        return None if self.docs_url is None else f"{self.docs_url.rstrip('/')}/rules/{code}.html"

    @property
    def style(self) -> Style:
        """The chosen spellings, for a dialect."""
        return Style(self.matmul, self.transpose)


def settings_of(table: Mapping[str, object]) -> Settings:
    """The settings in a `[tool.einlint]` table.

    Raises:
        SettingsError: a key is unknown, or a value is invalid.
    """
    return replace(Settings(), **fields_of(table))


def fields_of(table: Mapping[str, object]) -> dict[str, Any]:
    """The fields that a `[tool.einlint]` table sets, and their values.

    Raises:
        SettingsError: a key is unknown, or a value is invalid.
    """
    return _values(Settings, table)


def declared(kind: type[Any] = Settings) -> Mapping[str, Setting]:
    """All settings, by their key in a file."""
    return {each.name.replace("_", "-"): each.metadata[_KEY] for each in fields(kind)}


def _values(kind: type[Any], table: Mapping[str, object], prefix: str = "") -> dict[str, Any]:
    """The fields that a table sets, and their values."""
    known = declared(kind)
    values = {}
    for key, value in table.items():
        if key not in known:
            near = did_you_mean(key, known if prefix else (*known, EXTEND))
            raise SettingsError(f"unknown key `{prefix}{key}`{near}")
        values[key.replace("-", "_")] = known[key].read(f"{prefix}{key}", value)
    return values
