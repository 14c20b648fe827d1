"""ANSI colours for terminals."""

from typing import TYPE_CHECKING, Final, NamedTuple

from einlint.output.escapes import BOLD, is_coloured, styled

if TYPE_CHECKING:
    from einlint.diagnostics import Severity

# The other severities are cyan.
_BY_SEVERITY: Final = {"error": "1;31", "warning": "1;33"}


class Paint(NamedTuple):
    """Wraps text in ANSI colours if `is_on`."""

    is_on: bool = False

    def bold(self, text: str) -> str:
        """For code, file names and headings."""
        return self._wrapped(text, BOLD)

    def severity(self, text: str, severity: "Severity") -> str:
        """For codes and carets, in the colour of the severity."""
        return self._wrapped(text, _BY_SEVERITY.get(severity, "1;36"))

    def green(self, text: str) -> str:
        """For what was done, and for added lines."""
        return self._wrapped(text, "32")

    def red(self, text: str) -> str:
        """For removed lines."""
        return self._wrapped(text, "31")

    def blue(self, text: str) -> str:
        """For the frame around code."""
        return self._wrapped(text, "1;34")

    def cyan(self, text: str) -> str:
        """For help."""
        return self._wrapped(text, "1;36")

    def _wrapped(self, text: str, style: str) -> str:
        return styled(text, style) if self.is_on and text else text


def paint_for(color: str, *, is_terminal: bool) -> Paint:
    """The paint for a stream: `color` is the value of --color."""
    return Paint(is_coloured(color, is_terminal=is_terminal))
