"""One line for each fixed finding: where it now stands, and what was written."""

from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Diagnostic
from einlint.output.paint import Paint
from einlint.printable import printable
from einlint.source.places import Place

_REPLACE: Final = "Replace with "


@dataclass(frozen=True, slots=True)
class Applied:
    """A fixed finding; `place` is its start in the new text, for people."""

    place: str
    code: str
    change: str

    @classmethod
    def of(cls, fixed: Diagnostic, place: Place) -> "Applied":
        """Describe the fix of a finding that now stands at `place`."""
        message = fixed.fix.message if fixed.fix else ""
        equation = fixed.fix.annotation if fixed.fix else None
        if equation is not None and message.startswith(_REPLACE):
            change = f"`{equation}` -> {message.removeprefix(_REPLACE)}"
        else:
            change = f"{message[:1].lower()}{message[1:]}"
        return cls(place.within(fixed.filename), fixed.code, printable(change))

    def line(self, paint: Paint) -> str:
        """`fixed a.py:41:18 EIN105 ...`; no colon behind the place: it is no finding."""
        return f"{paint.green('fixed')} {paint.bold(self.place)} {self.code} {self.change}\n"
