"""What a fixture says of itself: its settings on top, the codes expected behind its lines."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from einlint.settings import Settings

# The rules that fixtures of sources and tests of sizes are about: no call there is reported for
# another reason. A new rule does not join them, so that those files stay as they are; a fixture
# that is about one names it.
CODES: Final = (
    *(f"EIN00{digit}" for digit in range(1, 8)),
    *(f"EIN{number}" for number in range(101, 112)),
    "EIN901",
)

_HEADER = re.compile(r"# (assume|select): (.*)")
_CODES = re.compile(r"#((?: EIN\d{3})+)\s*$")


def expected_in(text: str) -> list[tuple[int, str]]:
    """The expectations of a fixture: line and code, once a finding."""
    return [
        (number, code)
        for number, line in enumerate(text.split("\n"), 1)
        for match in [_CODES.search(line)]
        if match
        for code in match[1].split()
    ]


def settings_in(text: str, select: Iterable[str]) -> Settings:
    """The settings of a fixture.

    Selected is what `select` has, what its comments expect, and what `# select: ...` adds on top;
    `# assume: ...` grants assumptions. So a new rule reports nothing in a fixture of others.
    """
    header = dict(_header(text))
    named = {code for _, code in expected_in(text)}
    codes = tuple(sorted({*select, *named, *header.get("select", ())}))
    if "assume" in header:
        return Settings(select=codes, assume=header["assume"], pedantic=True)
    return Settings(select=codes, pedantic=True)


def _header(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lines on top that are settings."""
    for line in text.split("\n"):
        match = _HEADER.fullmatch(line)
        if match is None:
            return
        yield match[1], tuple(each.strip() for each in match[2].split(","))


def differences(path: Path, text: str, found: Iterable[tuple[int, str]]) -> str:
    """Where expectations and findings differ: file, line, expected and found, one line each."""
    expected, actual = Counter(expected_in(text)), Counter(found)
    lines = sorted({line for line, _ in (expected - actual) + (actual - expected)})
    return "\n".join(
        f"{path}:{line}: expected {_codes(expected, line)}, found {_codes(actual, line)}"
        for line in lines
    )


def _codes(counts: Counter[tuple[int, str]], line: int) -> str:
    return " ".join(sorted(code for each, code in counts.elements() if each == line)) or "nothing"
