"""Settings: what `[tool.einlint]` may say, each declared once with its type, default and text.

Options of the command line, the JSON schema and `--show-settings` follow from the declarations.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from enum import StrEnum
from keyword import iskeyword
from typing import Any, Final, TypeAlias

from einlint.algebra.equation import EquationError, parse
from einlint.rewriting.assumptions import GRANTED_BY_DEFAULT, MEANINGS
from einlint.rewriting.dialects.style import MatmulStyle, Style, TransposeStyle
from einlint.unusable import UnusableError

# Folders that hold other people's code, or none.
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

EXTEND: Final = "extend"
"""The key that names a file to build upon; who finds settings files follows it."""


class SettingsError(UnusableError):
    """A setting that does not exist or has a value it cannot have."""


Reader: TypeAlias = Callable[[str, object], object]
"""From a key and its value in a file to the value of a field; raises SettingsError."""


@dataclass(frozen=True, slots=True)
class Option:
    """How a setting is overridden on the command line, by `--` and its key.

    metavar: what the help calls the value; none for a flag.
    adds: the option adds to the setting, in place of replacing it.
    resets: the settings that start from their default where this option is given.
    is_relative: the values are patterns, relative to the folder that the command is run in.
    """

    metavar: str | None = None
    adds: bool = False
    resets: tuple[str, ...] = ()
    is_relative: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, beside its type and default: its text for people, its reader, and its option."""

    text: str
    read: Reader
    option: Option | None = None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """`; did you mean ...?` with the nearest known name, or nothing where none is near."""
    nearest = get_close_matches(name, known, n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def read_flag(key: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise SettingsError(f"`{key}` is true or false, not {value!r}")
    return value


def read_names(key: str, value: object) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"`{key}` is a list of strings, not {value!r}")
    return tuple(value)


def read_codes(key: str, value: object) -> tuple[str, ...]:
    """A list of rule codes or prefixes; those who know the rules look whether they exist."""
    return read_names(key, value)


def read_codes_by_pattern(key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A table of lists of codes, by glob pattern."""
    if not isinstance(value, dict):
        raise SettingsError(f'`{key}` is a table, as in {{ "tests/*" = ["EIN105"] }}')
    return tuple(
        (pattern, read_codes(f"{key}.{pattern}", codes)) for pattern, codes in value.items()
    )


def read_name(key: str, value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise SettingsError(f"`{key}` is a string, not {value!r}")
    return value


def read_sizes(key: str, value: object) -> tuple[tuple[str, int], ...]:
    """A table of sizes, by index."""
    sizes = tuple(value.items()) if isinstance(value, dict) else ()
    if not isinstance(value, dict) or not all(type(size) is int and size > 0 for _, size in sizes):
        raise SettingsError(f"`{key}` is a table of sizes, as in {{ b = 8, h = 8 }}")
    return sizes


def read_equations(key: str, value: object) -> tuple[str, ...]:
    """A list of equations."""
    equations = read_names(key, value)
    for equation in equations:
        try:
            parse(equation)
        except EquationError as error:
            raise SettingsError(
                f"`{key}` has no equation in {equation!r}: {error.reason}"
            ) from error
    return equations


def read_assumptions(key: str, value: object) -> tuple[str, ...]:
    """A list of names of assumptions."""
    names = read_names(key, value)
    for name in names:
        if name not in MEANINGS:
            raise SettingsError(f"unknown assumption `{name}`{did_you_mean(name, MEANINGS)}")
    return names


def read_functions(key: str, value: object) -> tuple[str, ...]:
    """A list of dotted names of functions."""
    functions = read_names(key, value)
    for name in functions:
        parts = name.split(".")
        if len(parts) == 1 or not all(
            each.isidentifier() and not iskeyword(each) for each in parts
        ):
            raise SettingsError(f'`{key}` names functions as in "mylib.einsum", not as {name!r}')
    return functions


def read_one_of(choices: type[StrEnum]) -> Reader:
    """One of the values of an enum."""

    def read(key: str, value: object) -> StrEnum:
        names = [choice.value for choice in choices]
        if value not in names:
            options = " or ".join(f'"{name}"' for name in names)
            raise SettingsError(f"`{key}` is {options}, not {value!r}")
        return choices(value)

    return read


def _setting(default: Any, text: str, read: Reader, option: Option | None = None) -> Any:
    return field(default=default, metadata={_KEY: Setting(text, read, option)})


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """What `einlint verify` does where its options say nothing."""

    device: str | None = _setting(None, "The device, as for `--device`.", read_name)
    dtype: tuple[str, ...] = _setting((), "The dtypes, as for `--dtype`.", read_names)
    sizes: tuple[tuple[str, int], ...] = _setting((), "The sizes of indices.", read_sizes)


def read_verify(key: str, value: object) -> VerifySettings:
    """The table of `einlint verify`."""
    if not isinstance(value, dict):
        raise SettingsError(f'`{key}` is a table, as in {{ device = "cuda" }}')
    return replace(VerifySettings(), **_values(VerifySettings, value, f"{key}."))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a check depends on beside the source."""

    select: tuple[str, ...] | None = _setting(
        None,
        "Rule codes or prefixes to report, or ALL.",
        read_codes,
        Option("CODES", resets=("extend_select", "ignore")),
    )
    extend_select: tuple[str, ...] = _setting(
        (),
        "Rule codes or prefixes to report in addition.",
        read_codes,
        Option("CODES", adds=True),
    )
    ignore: tuple[str, ...] = _setting(
        (), "Rule codes or prefixes not to report.", read_codes, Option("CODES", adds=True)
    )
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), "Codes not to report in the files that a pattern means.", read_codes_by_pattern
    )
    allow: tuple[str, ...] = _setting(
        (), "Equations to keep, whatever their letters.", read_equations
    )
    fixable: tuple[str, ...] | None = _setting(
        None,
        "Rule codes or prefixes whose fixes may be applied.",
        read_codes,
        Option("CODES", resets=("unfixable",)),
    )
    unfixable: tuple[str, ...] = _setting(
        (),
        "Rule codes or prefixes whose fixes are only shown.",
        read_codes,
        Option("CODES", adds=True),
    )
    exclude: tuple[str, ...] = _setting(
        EXCLUDED_BY_DEFAULT,
        "Patterns of files and folders to skip; they replace the default ones.",
        read_names,
        Option("PATTERNS", is_relative=True),
    )
    extend_exclude: tuple[str, ...] = _setting(
        (),
        "Patterns of files and folders to skip in addition.",
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
        "The assumptions that are granted, in place of the default ones.",
        read_assumptions,
    )
    extend_assume: tuple[str, ...] = _setting(
        (), "Assumptions that are granted in addition.", read_assumptions
    )
    matmul: MatmulStyle = _setting(
        MatmulStyle.OPERATOR, "How fixes write a matrix product.", read_one_of(MatmulStyle)
    )
    transpose: TransposeStyle = _setting(
        TransposeStyle.TRANSPOSE,
        "How fixes write a transposition of the last two axes.",
        read_one_of(TransposeStyle),
    )
    annotate: bool = _setting(
        False, "Leave the equation as a comment beside its replacement.", read_flag
    )
    trust_trace: bool = _setting(
        False,
        "Grant what held in all calls of a trace, of which there are three or more.",
        read_flag,
    )
    functions: tuple[str, ...] = _setting(
        (), "Dotted names of wrappers of einsum, which take its arguments.", read_functions
    )
    verify: VerifySettings = _setting(
        VerifySettings(), "What `einlint verify` does by default.", read_verify
    )

    @property
    def granted(self) -> tuple[str, ...]:
        """The assumptions that are granted."""
        return (*self.assume, *self.extend_assume)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The assumptions that are granted by default, and not by these settings."""
        return tuple(name for name in GRANTED_BY_DEFAULT if name not in self.granted)

    @property
    def style(self) -> Style:
        """The spellings chosen, as a dialect takes them."""
        return Style(self.matmul, self.transpose)


def settings_of(table: Mapping[str, object]) -> Settings:
    """The settings that a `[tool.einlint]` table describes.

    Raises:
        SettingsError: a key is unknown, or a value has the wrong type or an unknown name.
    """
    return replace(Settings(), **_values(Settings, table))


def declared(kind: type[Any] = Settings) -> Mapping[str, Setting]:
    """Every setting there is, by its key in a file."""
    return {each.name.replace("_", "-"): each.metadata[_KEY] for each in fields(kind)}


def _values(kind: type[Any], table: Mapping[str, object], prefix: str = "") -> dict[str, Any]:
    """The fields that a table sets, with their values."""
    known = declared(kind)
    values = {}
    for key, value in table.items():
        if key not in known:
            near = did_you_mean(key, known if prefix else (*known, EXTEND))
            raise SettingsError(f"unknown key `{prefix}{key}`{near}")
        values[key.replace("-", "_")] = known[key].read(f"{prefix}{key}", value)
    return values
