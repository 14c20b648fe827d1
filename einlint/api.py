"""The Python API: text in, findings out; no file is read or written, nothing is printed.

What comes back is frozen, and can be pickled and compared.
"""

from collections.abc import Mapping

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, fix, read_text
from einlint.linting.findings import Change, Findings
from einlint.rewriting.explanation import explanation
from einlint.settings import Settings

__all__ = ["Settings", "check_source", "explain", "fix_source"]

_NAME = "<string>"


def check_source(text: str, filename: str = _NAME, settings: Settings | None = None) -> Findings:
    """Everything that is found in a source text, at offsets; `place` says rows and columns.

    Args:
        text: Python source. If Python cannot read it, that is the one finding, EIN000.
        filename: what the findings say of where they are.
        settings: those of `[tool.einlint]`; no file is looked for, None means the defaults.

    Raises:
        einlint.settings.SettingsError: the settings select an unknown rule.
        einlint.linting.judging.RuleError: a rule failed, which is a bug of einlint.
    """
    chosen = settings or Settings()
    source = read_text(filename, text, chosen)
    found = source if isinstance(source, Findings) else check(source, chosen)
    return found.without_facts()


def fix_source(
    text: str, filename: str = _NAME, settings: Settings | None = None, *, unsafe: bool = False
) -> Change:
    """The text with every safe fix applied, what was fixed, and the findings that remain.

    An import of einsum that the fixes leave unused goes with the unsafe ones only; `unused` of
    the result names what stays.

    Args:
        text: as for `check_source`; text that Python cannot read comes back as it is.
        filename: as for `check_source`.
        settings: as for `check_source`.
        unsafe: apply the unsafe fixes too.

    Raises:
        einlint.settings.SettingsError: the settings select an unknown rule.
        einlint.linting.judging.RuleError: a rule or a fix failed, which is a bug of einlint.
    """
    chosen = settings or Settings()
    source = read_text(filename, text, chosen)
    if isinstance(source, Findings):
        return Change(text, source)
    threshold = Applicability.UNSAFE if unsafe else Applicability.SAFE
    return fix(source, chosen, threshold).without_facts()


def explain(equation: str, sizes: Mapping[str, int] | None = None, dtype: str = "float32") -> str:
    """What an equation is, in words: what `einlint explain` prints.

    Args:
        equation: the equation, as for torch.einsum.
        sizes: the size of its indices, some, all or none; an ellipsis counts as one axis.
        dtype: the type of the elements, for the number of bytes: a key of
            `einlint.rewriting.explanation.ITEM_SIZES`.

    Raises:
        einlint.algebra.equation.EquationError: torch would reject the equation.
        einlint.rewriting.explanation.SizeError: `sizes` names an index that the equation has not.
    """
    return explanation(equation, sizes or {}, dtype)
