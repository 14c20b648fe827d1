"""Settings: what `[tool.einlint]` may say, checked, with the nearest name for a wrong one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from keyword import iskeyword
from typing import Final, TypeAlias

from einlint.algebra.equation import EquationError, parse
from einlint.rewriting.assumptions import GRANTED_BY_DEFAULT, MEANINGS
from einlint.rewriting.dialects.style import MatmulStyle, Style, TransposeStyle

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

EXTEND: Final = "extend"
"""The key that names a file to build upon; who finds settings files follows it."""


class SettingsError(ValueError):
    """A setting that does not exist or has a value it cannot have."""


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """What `einlint verify` does where its options say nothing.

    device: the device, as for `--device`. dtype: the dtypes, as for `--dtype`.
    sizes: pairs of an index and its size.
    """

    device: str | None = None
    dtype: tuple[str, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a check depends on beside the source.

    select: rule codes or prefixes to report; None means the rules that are on by default.
    extend_select: codes reported in addition. ignore: codes not reported.
    per_file_ignores: pairs of a pattern and the codes not reported in the files it means.
    allow: equations to keep, whatever their letters: no replacement is offered for them.
    fixable: codes whose fixes may be applied, None for all. unfixable: codes whose may not.
    exclude: glob patterns of files and folders that are not visited.
    extend_exclude: patterns in addition.
    force_exclude: they count for paths that are named as well.
    respect_gitignore: what git ignores is not visited either.
    assume: names of assumptions that are granted.
    matmul: how a matrix product is spelled. transpose: how a transposition is.
    functions: dotted names of wrappers of einsum, with its arguments.
    annotate: leave the equation as a comment beside its replacement.
    trust_trace: what held in all calls of a trace is granted.
    verify: the table of the command of that name.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    allow: tuple[str, ...] = ()
    fixable: tuple[str, ...] | None = None
    unfixable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = EXCLUDED_BY_DEFAULT
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    assume: tuple[str, ...] = GRANTED_BY_DEFAULT
    matmul: MatmulStyle = MatmulStyle.OPERATOR
    transpose: TransposeStyle = TransposeStyle.TRANSPOSE
    annotate: bool = False
    trust_trace: bool = False
    functions: tuple[str, ...] = ()
    verify: VerifySettings = VerifySettings()

    @property
    def style(self) -> Style:
        """The spellings chosen, as a dialect takes them."""
        return Style(self.matmul, self.transpose)


def settings_of(table: Mapping[str, object]) -> Settings:
    """The settings that a `[tool.einlint]` table describes.

    Raises:
        SettingsError: a key is unknown, or a value has the wrong type or an unknown name.
    """
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in READERS:
            near = did_you_mean(key, (*READERS, EXTEND))
            raise SettingsError(f"unknown key `{key}`{near}")
        values[key.replace("-", "_")] = READERS[key](key, value)
    return replace(Settings(), **values)  # type: ignore[arg-type]


def did_you_mean(name: str, known: Collection[str]) -> str:
    """`; did you mean ...?` with the nearest known name, or nothing where none is near."""
    nearest = get_close_matches(name, known, n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"`{key}` is true or false, not {value!r}")
    return value


def _names(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"`{key}` is a list of strings, not {value!r}")
    return tuple(value)


def _names_by_pattern(key: str, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise SettingsError(f'`{key}` is a table, as in {{ "tests/*" = ["EIN105"] }}')
    return tuple((pattern, _names(f"{key}.{pattern}", codes)) for pattern, codes in value.items())


def _verify(key: str, value: object) -> VerifySettings:
    if not isinstance(value, dict):
        raise SettingsError(f'`{key}` is a table, as in {{ device = "cuda" }}')
    values: dict[str, object] = {}
    for name, each in value.items():
        if name not in _VERIFY_READERS:
            known = did_you_mean(name, _VERIFY_READERS)
            raise SettingsError(f"unknown key `{key}.{name}`{known}")
        values[name] = _VERIFY_READERS[name](f"{key}.{name}", each)
    return replace(VerifySettings(), **values)  # type: ignore[arg-type]


def _name(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"`{key}` is a string, not {value!r}")
    return value


def _sizes(key: str, value: object) -> tuple[tuple[str, int], ...]:
    sizes = tuple(value.items()) if isinstance(value, dict) else ()
    if not isinstance(value, dict) or not all(type(size) is int and size > 0 for _, size in sizes):
        raise SettingsError(f"`{key}` is a table of sizes, as in {{ b = 8, h = 8 }}")
    return sizes


def _equations(key: str, value: object) -> tuple[str, ...]:
    equations = _names(key, value)
    for equation in equations:
        try:
            parse(equation)
        except EquationError as error:
            raise SettingsError(
                f"`{key}` has no equation in {equation!r}: {error.reason}"
            ) from error
    return equations


def _assumptions(key: str, value: object) -> tuple[str, ...]:
    names = _names(key, value)
    for name in names:
        if name not in MEANINGS:
            raise SettingsError(f"unknown assumption `{name}`{did_you_mean(name, MEANINGS)}")
    return names


def _functions(key: str, value: object) -> tuple[str, ...]:
    functions = _names(key, value)
    for name in functions:
        parts = name.split(".")
        if len(parts) == 1 or not all(
            each.isidentifier() and not iskeyword(each) for each in parts
        ):
            raise SettingsError(f'`{key}` names functions as in "mylib.einsum", not as {name!r}')
    return functions


_Reader: TypeAlias = Callable[[str, object], object]


def _one_of(choices: type[StrEnum]) -> _Reader:
    def read(key: str, value: object) -> StrEnum:
        names = [choice.value for choice in choices]
        if value not in names:
            options = " or ".join(f'"{name}"' for name in names)
            raise SettingsError(f"`{key}` is {options}, not {value!r}")
        return choices(value)

    return read


_VERIFY_READERS: Final[Mapping[str, _Reader]] = {
    "device": _name,
    "dtype": _names,
    "sizes": _sizes,
}
READERS: Final[Mapping[str, _Reader]] = {
    "select": _names,
    "extend-select": _names,
    "ignore": _names,
    "per-file-ignores": _names_by_pattern,
    "allow": _equations,
    "fixable": _names,
    "unfixable": _names,
    "exclude": _names,
    "extend-exclude": _names,
    "force-exclude": _flag,
    "respect-gitignore": _flag,
    "assume": _assumptions,
    "matmul": _one_of(MatmulStyle),
    "transpose": _one_of(TransposeStyle),
    "annotate": _flag,
    "trust-trace": _flag,
    "functions": _functions,
    "verify": _verify,
}
"""Every key that settings may have, and what reads its value: one for each field."""
