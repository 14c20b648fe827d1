"""For reading: the finding, its code underlined, the replacement, and its assumptions."""

from collections.abc import Iterator

from einlint.diagnostics import Diagnostic, Pointer
from einlint.output.format import Format, Report
from einlint.output.frame import Marked, caret_below, code_frame
from einlint.output.paint import Paint
from einlint.output.plain import caveat
from einlint.output.trace_notes import trace_notes
from einlint.printable import printable
from einlint.source.places import Position


def render(report: Report, paint: Paint) -> str:
    """A paragraph for every finding."""
    return "".join(_paragraph(each, report, paint) for each in report.diagnostics)


def _paragraph(diagnostic: Diagnostic, report: Report, paint: Paint) -> str:
    mark = f"{paint.cyan('[*]')} " if diagnostic.is_fixable(report.threshold) else ""
    severity, place = diagnostic.severity, report.place(diagnostic)
    title = paint.severity(f"{severity.value} {diagnostic.code}", severity)
    lines = [
        f"{title} {mark}{paint.bold(printable(diagnostic.message))}",
        f"  {paint.blue('-->')} {place.within(diagnostic.filename)}",
    ]
    around = report.map(diagnostic).lines_around(place)
    letter = _letter(diagnostic, report)
    if around is not None:
        marked = Marked(place, letter, severity)
        lines.append(code_frame(around, marked, paint))
    if letter is None and diagnostic.pointer is not None:
        lines += _equation(diagnostic.pointer, paint)
    lines += _advice(diagnostic, paint)
    return "\n".join(lines) + "\n\n"


def _letter(diagnostic: Diagnostic, report: Report) -> Position | None:
    """The place of the wrong letter of an equation, if the code shows it."""
    pointer = diagnostic.pointer
    if pointer is None or pointer.offset is None:
        return None
    return report.map(diagnostic).place(pointer.offset, pointer.offset + 1).start


def _equation(pointer: Pointer, paint: Paint) -> Iterator[str]:
    """The equation with a caret under the wrong letter, where the code does not show it so."""
    title = "equation"
    text, caret = caret_below(pointer.equation, pointer.column)
    yield f"{paint.bold(title)}: {text}"
    yield f"{' ' * len(title)}  {caret}"


def _advice(diagnostic: Diagnostic, paint: Paint) -> Iterator[str]:
    """The replacement and what it lacks; `explain FILE:LINE` says what it rests on."""
    fix = diagnostic.fix
    if fix is not None:
        yield f"{paint.cyan('help')}: {printable(fix.message)}{caveat(fix)}"
        for assumption in fix.unmet:
            yield f"{paint.bold('note')}: safe if {printable(assumption.condition)}"
        yield from (f"{paint.bold('note')}: {each}" for each in trace_notes(fix))
    for note in diagnostic.notes:
        yield f"{paint.bold('note')}: {printable(note)}"


FORMAT = Format(render, is_for_people=True)
