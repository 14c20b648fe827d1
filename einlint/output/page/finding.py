"""One finding on the page: what is wrong, the code, and the lines that its fix changes."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from einlint.diagnostics import Diagnostic
from einlint.output.fixed_lines import ChangedLines, fixed_lines
from einlint.output.format import Report
from einlint.output.frame import Marked, caret_below, code_frame, shown_code
from einlint.output.paint import Paint
from einlint.output.plain import caveat
from einlint.output.trace_notes import trace_notes
from einlint.pictures.elements import element
from einlint.printable import printable

# The text of a message between backticks is code.
_CODE: Final = re.compile(r"`([^`]*)`")
_MARKS: Final = re.compile(r" *\|[ |_~]*\^[\^~]*")


def finding(diagnostic: Diagnostic, anchor: str, report: Report) -> Element:
    """An article with everything about a finding.

    anchor: its id on the page.
    """
    return element(
        "article",
        head(diagnostic, report),
        *_code(diagnostic, report),
        *advice(diagnostic),
        *_diff(diagnostic, report),
        id=anchor,
    )


def head(diagnostic: Diagnostic, report: Report) -> Element:
    """Code, place and message on one line."""
    place = report.place(diagnostic).within(diagnostic.filename)
    return element(
        "p",
        element(
            "span",
            f"{diagnostic.severity.value} {diagnostic.code}",
            class_=f"severity {diagnostic.severity.value}",
        ),
        " ",
        element("span", place, class_="place"),
        element("br"),
        *prose(diagnostic.message),
    )


def prose(text: str) -> Iterator[Element | str]:
    """A sentence, with its code as such."""
    for number, part in enumerate(_CODE.split(printable(text))):
        yield element("code", part) if number % 2 else part


def _code(diagnostic: Diagnostic, report: Report) -> Iterator[Element]:
    place, pointer = report.place(diagnostic), diagnostic.pointer
    lines, letter = report.map(diagnostic).lines_around(place), None
    if pointer is not None and pointer.offset is not None:
        letter = report.map(diagnostic).place(pointer.offset, pointer.offset + 1).start
    if lines is not None:
        marked = Marked(place, letter, diagnostic.severity)
        # Its first and last line are empty: the box around it leaves the room.
        frame = code_frame(lines, marked, Paint()).split("\n")[1:-1]
        yield element("pre", *_marked(frame, diagnostic.severity.value))
    if letter is None and pointer is not None:
        yield element("pre", "\n".join(caret_below(pointer.equation, pointer.column)))


def _marked(frame: list[str], severity: str) -> Iterator[Element | str]:
    """The lines of a frame; those that hold nothing but marks in the colour of the severity."""
    for line in frame:
        yield element("span", line, class_=severity) if _MARKS.fullmatch(line) else line
        yield "\n"


def advice(diagnostic: Diagnostic) -> Iterator[Element]:
    """The replacement, what it lacks and rests on, and the notes of the finding."""
    if diagnostic.fix is not None:
        yield element("p", *prose(f"{diagnostic.fix.message}{caveat(diagnostic.fix)}"))
    notes = list(_notes(diagnostic))
    if notes:
        yield element("ul", *(element("li", *prose(each)) for each in notes), class_="note")


def _diff(diagnostic: Diagnostic, report: Report) -> Iterator[Element]:
    changes = list(fixed_lines(diagnostic, report.map(diagnostic)))
    if changes:
        lines = (line for each in changes for line in _changed(each))
        yield element("pre", *lines, class_="diff")


def _changed(lines: ChangedLines) -> Iterator[Element | str]:
    width = len(str(lines.row + max(len(lines.removed), len(lines.added))))
    for tag, sign, texts in (("del", "-", lines.removed), ("ins", "+", lines.added)):
        for number, text in enumerate(texts, lines.row):
            yield element(tag, f"{number:>{width}} {sign} {shown_code(text)}".rstrip())
            yield "\n"


def _notes(diagnostic: Diagnostic) -> Iterator[str]:
    fix, about = diagnostic.fix, diagnostic.about
    if fix is not None:
        yield from (f"safe if {each.condition}" for each in fix.unmet)
        yield from trace_notes(fix)
    yield from diagnostic.notes
    if about is not None and about.seen is not None:
        yield about.seen.text
