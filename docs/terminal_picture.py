"""Draw what einlint prints on a terminal: the pictures of README, as SVG.

    python docs/terminal_picture.py

Every picture is a real run, with `--color always`, in a folder with the file `attention.py` below.
Each span has its place in columns and lines, so the picture looks the same with any font of fixed
width, and none is loaded. The window is dark in light and dark pages alike.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

PICTURES: Final = Path(__file__).parent / "pictures"
SOURCE: Final = """import torch


def mixed(weights, values):
    return torch.einsum("bnsk,bnsh->bnsh", weights, values)


def attention(q, k, v):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
    weights = torch.softmax(scores / 64**0.5, dim=-1)
    return torch.einsum("bhqk,bhkd->bhqd", weights, v)


def project(x, weight):
    return torch.einsum("bti,oi->bto", x, weight)
"""
# The name of a picture, and the arguments of the run that it shows.
RUNS: Final = {
    "report": ("attention.py",),
    "diff": ("--diff", "attention.py"),
}
_COLUMNS: Final = 104
_WIDTH, _HEIGHT, _MARGIN, _TOP = 8.4, 19, 16, 44
_COLOURS: Final = {
    "31": "#ff7b72",
    "32": "#7ee787",
    "33": "#e3b341",
    "34": "#79c0ff",
    "36": "#76e3ea",
}
_ESCAPE: Final = re.compile(r"\x1b\[([\d;]*)m")


@dataclass(frozen=True, slots=True)
class Span:
    """Some characters of one style; `column` and `line` count from 0."""

    text: str
    column: int
    line: int
    codes: tuple[str, ...]

    def svg(self) -> str:
        """The text, stretched to exactly its columns."""
        x, y = _MARGIN + self.column * _WIDTH, _TOP + (self.line + 1) * _HEIGHT
        style = ' font-weight="bold"' if "1" in self.codes else ""
        colours = [_COLOURS[code] for code in self.codes if code in _COLOURS]
        style += f' fill="{colours[0]}"' if colours else ""
        length = f'textLength="{len(self.text) * _WIDTH:.1f}"'
        return f'<text x="{x:.1f}" y="{y}" {length}{style}>{escape(self.text)}</text>'


def spans(text: str) -> Iterator[Span]:
    """The runs of characters with one style, in lines as a terminal breaks them."""
    codes: tuple[str, ...] = ()
    number = 0
    for line in text.splitlines():
        cells: list[tuple[str, tuple[str, ...]]] = []
        for index, part in enumerate(_ESCAPE.split(line)):
            if index % 2:
                codes = tuple(code for code in part.split(";") if code not in ("", "0"))
            else:
                cells += [(character, codes) for character in part]
        for start in range(0, max(1, len(cells)), _COLUMNS):
            yield from _in_line(cells[start : start + _COLUMNS], number)
            number += 1


def _in_line(cells: list[tuple[str, tuple[str, ...]]], number: int) -> Iterator[Span]:
    """Several blanks are no part of a span: not every program that shows SVG keeps them."""
    column = 0
    for codes, group in groupby(cells, key=lambda cell: cell[1]):
        part = "".join(character for character, _ in group)
        for words in re.finditer(r"\S+(?: \S+)*", part):
            yield Span(words[0], column + words.start(), number, codes)
        column += len(part)


def picture(command: str, text: str) -> str:
    """The window as SVG: its title is the command, what it printed stands below."""
    found = list(spans(f"$ {command}\n{text}"))
    width = round(2 * _MARGIN + _COLUMNS * _WIDTH)
    height = _TOP + (max(each.line for each in found) + 2) * _HEIGHT
    buttons = "".join(
        f'<circle cx="{22 + 20 * index}" cy="20" r="6" fill="{colour}"/>'
        for index, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-label="{escape(command)}">',
            f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117" stroke="#30363d"/>',
            buttons,
            '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, '
            'monospace" font-size="14" fill="#e6edf3">',
            *(each.svg() for each in found),
            "</g>",
            "</svg>",
            "",
        )
    )


def printed(arguments: tuple[str, ...]) -> str:
    """What einlint prints in a folder with the file, on a terminal with colours."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "attention.py").write_text(SOURCE)
        command = (sys.executable, "-m", "einlint", "--isolated", "--color", "always", *arguments)
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run(command, cwd=folder, text=True, **streams)
    assert done.returncode in (0, 1), done.stdout
    return str(done.stdout)


def pictures() -> dict[Path, str]:
    """Each picture by its file."""
    return {
        PICTURES / f"{name}.svg": picture(f"einlint {' '.join(arguments)}", printed(arguments))
        for name, arguments in RUNS.items()
    }


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8")
