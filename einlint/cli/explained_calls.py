"""Explain the calls at a place in a file, as text or as data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from einlint.cli.calls_there import CallsThere
from einlint.linting.one_call import JudgedCall, judged
from einlint.linting.silence import silences
from einlint.output.frame import caret_below
from einlint.output.page.explained import Explained
from einlint.pictures.picture import picture_element
from einlint.printable import printable_lines
from einlint.rewriting.dialects.text import Text
from einlint.rewriting.explained_json import as_data
from einlint.rewriting.explained_text import as_text
from einlint.source.callsite import CallSite
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.places import Place


@dataclass(frozen=True, slots=True)
class ExplainedCall:
    """One call: where it stands, what is known of it, and what is reported about it.

    judged: None if its equation is not literal.
    reported: the codes of the findings about it. silent: the codes of those that are not reported,
        with the reasons; the code is None if no rule has a finding.
    """

    site: CallSite
    filename: str
    place: Place
    judged: JudgedCall | None
    reported: tuple[str, ...]
    silent: tuple[tuple[str | None, tuple[str, ...]], ...]

    @property
    def operands(self) -> Sequence[Text]:
        """Its operands as it writes them; empty if they are not known."""
        return self.site.arguments.operands or ()

    @property
    def source(self) -> str:
        """The text of the call on one line."""
        return " ".join(self.site.span.of(self.site.lines.text).split())


def explained_calls(
    there: CallsThere, sizes: Mapping[str, int], dtype: str
) -> Iterator[ExplainedCall]:
    """Explain every call at a place.

    Raises:
        SizeError: the equation of one of them has no such index, or in another size.
    """
    parsed, settings = there.parsed, there.settings
    calls = {each.site.span: each for each in parsed.facts(EinsumCall)}
    for site in there.calls:
        place, call = there.findings.places.place(site.start, site.end), calls.get(site.span)
        if call is None:
            yield ExplainedCall(site, there.filename, place, None, (), ())
            continue
        found = (each for each in there.findings.reported if each.fact is call)
        reported = tuple(dict.fromkeys(each.code for each in found))
        known = judged(call, settings, sizes, dtype)
        silent = silences(known, there.findings, parsed, settings)
        yield ExplainedCall(site, there.filename, place, known, reported, silent)


def call_text(found: ExplainedCall) -> str:
    """What is said of one call, with an empty line at its end; nothing in it moves a terminal."""
    return printable_lines("\n".join(_lines(found)))


def _lines(found: ExplainedCall) -> Iterator[str]:
    yield f"{found.place.within(found.filename)}: {found.source}"
    if found.judged is None:
        yield "not judged: the equation is not literal"
        yield ""
        return
    for code, finding in found.judged.findings:
        if code in found.reported:
            safety = f" ({finding.fix.applicability.name.lower()} fix)" if finding.fix else ""
            yield f"reported: {code}{safety} {finding.message}"
            yield from (f"  {note}" for note in finding.notes)
    for hidden, reasons in found.silent:
        yield f"not reported: {f'{hidden}: ' if hidden else ''}{'; '.join(reasons)}"
    known, error = found.judged.explanation, found.judged.call.error
    if error is not None:
        yield from (f"  {line}" for line in caret_below(found.judged.call.text, error.column))
    yield "" if known is None else f"\n{as_text(known)}"


def call_part(found: ExplainedCall) -> Explained:
    """The same for a page, with a picture if its equation is known."""
    heading, *lines = _lines(found)
    known = None if found.judged is None else found.judged.explanation
    if known is None:
        return Explained(heading, None, "\n".join(lines))
    names = [" ".join(each.source.split()) for each in found.operands]
    drawn = picture_element(known.equation, known.sizes, names)
    return Explained(heading, drawn, "\n".join(lines))


def call_data(found: ExplainedCall) -> dict[str, Any]:
    """The same as data: keys as in the findings of `--output-format json`."""
    place, known = found.place, found.judged
    explanation = None if known is None else known.explanation
    fix = None if known is None else known.fix
    return {
        "filename": found.filename,
        "cell": place.cell,
        "location": {"row": place.start.row, "column": place.start.column},
        "end_location": {"row": place.end.row, "column": place.end.column},
        "source": found.source,
        "is_judged": known is not None,
        "findings": [
            {
                "code": code,
                "message": finding.message,
                "notes": list(finding.notes),
                "reported": code in found.reported,
            }
            for code, finding in (() if known is None else known.findings)
        ],
        "silent": [{"code": code, "reasons": list(reasons)} for code, reasons in found.silent],
        "applicability": None if fix is None else fix.applicability.name.lower(),
        "explanation": None if explanation is None else as_data(explanation),
    }
