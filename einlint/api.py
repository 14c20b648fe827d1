"""The Python API: text in, findings out; no file is read or written, nothing is printed.

All results are frozen, can be pickled, and can be compared.
"""

from collections.abc import Mapping
from dataclasses import replace

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, fix, read_text
from einlint.linting.findings import Change, Findings
from einlint.rewriting.explained_text import explanation
from einlint.settings import Settings

__all__ = ["Settings", "check_source", "explain", "fix_source"]

_NAME = "<string>"


def check_source(text: str, filename: str = _NAME, settings: Settings | None = None) -> Findings:
    """Check a source text; `place` of the result turns offsets into lines and columns.

    Args:
        text: Python source. If Python cannot parse it, the only finding is EIN000.
        filename: the name of the file in the findings.
        settings: as in `[tool.einlint]`; None means the defaults. No settings file is read.

    Raises:
        einlint.settings.SettingsError: the settings select an unknown rule.
        einlint.linting.judging.RuleError: a rule failed, which is a bug of einlint.
    """
    chosen = settings or Settings()
    source = read_text(filename, text, chosen)
    found = source if isinstance(source, Findings) else check(source, chosen)
    return found.as_reported().without_facts()


def fix_source(
    text: str, filename: str = _NAME, settings: Settings | None = None, *, unsafe: bool = False
) -> Change:
    """Apply every safe fix; the result has the new text, the fixed and the remaining findings.

    Einsum imports that become unused are only removed with `unsafe`; otherwise `unused` of the
    result names them.

    Args:
        text: as for `check_source`; text that Python cannot parse comes back unchanged.
        filename: as for `check_source`.
        settings: as for `check_source`.
        unsafe: apply the unsafe fixes too; implies the setting `pedantic`.

    Raises:
        einlint.settings.SettingsError: the settings select an unknown rule.
        einlint.linting.judging.RuleError: a rule or a fix failed, which is a bug of einlint.
    """
    chosen = settings or Settings()
    if unsafe:
        chosen = replace(chosen, pedantic=True)
    source = read_text(filename, text, chosen)
    if isinstance(source, Findings):
        return Change(text, source)
    threshold = Applicability.UNSAFE if unsafe else Applicability.SAFE
    change = fix(source, chosen, threshold)
    return replace(change, remaining=change.remaining.as_reported()).without_facts()


def explain(equation: str, sizes: Mapping[str, int] | None = None, dtype: str = "float32") -> str:
    """Explain an equation: the text that `einlint explain` prints.

    The FLOPs are those of torch.einsum, the bytes are a model: every operand is read once, the
    result written once.

    Args:
        equation: the equation, as for torch.einsum.
        sizes: the sizes of some or all indices; an ellipsis counts as one axis.
        dtype: the type of the elements, for the number of bytes: a key of
            `einlint.rewriting.explanation.ITEM_SIZES`.

    Raises:
        einlint.algebra.equation.EquationError: torch would reject the equation.
        einlint.rewriting.explanation.SizeError: `sizes` names an index that is not in the equation.
    """
    return explanation(equation, sizes or {}, dtype)
