"""Budget: how much of a file is read where the work grows with the square of its size."""

from dataclasses import dataclass, field
from typing import Final

# Expressions of helpers, and names; no file that people wrote needs as many.
_MOST_HELPED: Final = 20_000
_MOST_COPIED: Final = 20_000_000
# Characters; a proof reads the whole file once more.
_MOST_READ_AGAIN: Final = 8_000_000


@dataclass(slots=True, eq=False)
class Budget:
    """The work that was done so far; of what needs more, nothing is known.

    helped: how many expressions of helpers were read. copied: how many names were copied for
        branches, or searched. again: how many characters were read again, by what they prove.
    """

    helped: int = 0
    copied: int = 0
    again: dict[int, int] = field(default_factory=dict)

    @property
    def has_helpers(self) -> bool:
        """Whether one more helper may be read."""
        return self.helped <= _MOST_HELPED

    def read_again(self, place: int, characters: int) -> bool:
        """Whether so many characters may be read again to prove what stands at a place."""
        if place not in self.again and sum(self.again.values()) <= _MOST_READ_AGAIN:
            self.again[place] = characters
        return place in self.again

    def copy(self, names: int) -> None:
        """Count names that are about to be copied or searched.

        Raises:
            RecursionError: there were too many, and of the function nothing is known.
        """
        self.copied += names
        if self.copied > _MOST_COPIED:
            raise RecursionError
