"""ANSI colours for terminals."""

from dataclasses import dataclass
from typing import Final

_RESET: Final = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps text in ANSI colours if `is_on`."""

    is_on: bool = False

    def bold(self, text: str) -> str:
        """For code, file names and headings."""
        return self._wrapped(text, "1")

    def red(self, text: str) -> str:
        """For codes and carets."""
        return self._wrapped(text, "1;31")

    def blue(self, text: str) -> str:
        """For the frame around code."""
        return self._wrapped(text, "1;34")

    def cyan(self, text: str) -> str:
        """For help."""
        return self._wrapped(text, "1;36")

    def _wrapped(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}{_RESET}" if self.is_on and text else text
