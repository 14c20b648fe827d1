"""The Python half of the playground: a question as JSON in, an answer or an error as JSON out.

It runs in the page's worker. Offsets stay here: what the page shows is lines and columns.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import tostring

from einlint import Settings, fix_source
from einlint.algebra.equation import EquationError
from einlint.algebra.roles import role_of
from einlint.diagnostics import Diagnostic, Unjudged
from einlint.linting.engine import check, read_text
from einlint.linting.findings import Findings
from einlint.linting.fixes import spliced
from einlint.output.fixed_lines import fixed_lines
from einlint.output.records import record_of
from einlint.pictures.look import FORMS
from einlint.pictures.picture import picture_element
from einlint.rewriting.explained_json import as_data
from einlint.rewriting.explained_text import ROLE_TEXTS, as_text
from einlint.rewriting.explanation import SizeError, explained
from einlint.source.parsing import module_of

_NAME: Final = "pasted.py"

Answer = dict[str, Any]


class QuestionError(ValueError):
    """What the user gave has no answer; the message says why."""


def answer(question: str) -> str:
    """Answer a question of the page.

    Every answer is an object with the key `answer`, or with the key `error`: an object with the
    `message` and, for an equation, the `column` in it, from 0.
    """
    try:
        asked = json.loads(question)
        return json.dumps({"answer": _ASKED[asked.pop("about")](**asked)})
    except EquationError as error:
        return json.dumps({"error": {"message": error.reason, "column": error.column}})
    except (SizeError, QuestionError) as error:
        return json.dumps({"error": {"message": str(error)}})
    except Exception as error:  # noqa: BLE001 -- the page says it; a traceback helps nobody there
        message = f"this is a bug of einlint: {type(error).__name__}: {error}"
        return json.dumps({"error": {"message": message}})


def _equation(text: str, sizes: Mapping[str, int], dtype: str) -> Answer:
    """An equation: all that `einlint explain` says, its indices one by one, and its picture.

    sizes: of indices; what the equation does not have is left out.
    """
    labels = explained(text, {}, dtype).equation.labels
    found = explained(text, {each: sizes[each] for each in labels if each in sizes}, dtype)
    said = as_text(found)
    roles = found.contraction.roles
    names = {label: role_of(label, roles) for label in labels}
    headline, advice, *_ = said.splitlines()
    drawn = picture_element(found.equation, found.sizes, has_title=False)
    return {
        **as_data(found),
        "headline": headline,
        "advice_text": advice,
        "indices": [
            {
                "label": label,
                "name": ROLE_TEXTS[role][0],
                "meaning": ROLE_TEXTS[role][1],
                "form": FORMS[role],
                "size": found.sizes.get(label),
            }
            for label, role in names.items()
        ],
        "picture": _svg(drawn),
        "text": said,
    }


def _svg(drawn: Any) -> str:
    drawn.set("xmlns", "http://www.w3.org/2000/svg")
    return tostring(drawn, encoding="unicode")


def _code(text: str, pedantic: bool) -> Answer:
    """A source: its findings, what a fix would change, and how many calls it holds."""
    return _found(text, _checked(text, Settings(pedantic=pedantic)))


def _fixed(text: str, pedantic: bool, number: int) -> Answer:
    """The source after the fix of one of its findings, by its number in the last answer."""
    settings = Settings(pedantic=pedantic)
    finding = _checked(text, settings).reported[number]
    if finding.fix is None or not finding.fix.edits:
        raise QuestionError(f"{finding.code} has no fix here")
    after = spliced(text, finding.fix.edits)
    try:
        module_of(after)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise QuestionError(
            "the fix was not applied: Python could not read the source after it"
        ) from error
    return _found(after, _checked(after, settings))


def _all_fixed(text: str, pedantic: bool) -> Answer:
    """The source after all safe fixes that are reported."""
    change = fix_source(text, _NAME, Settings(pedantic=pedantic))
    return _found(change.text, change.remaining)


def _checked(text: str, settings: Settings) -> Findings:
    """The findings, the hidden ones too."""
    source = read_text(_NAME, text, settings)
    return source if isinstance(source, Findings) else check(source, settings)


def _found(text: str, found: Findings) -> Answer:
    return {
        "text": text,
        "findings": [_finding(each, found) for each in found.reported],
        "hidden": len(found.diagnostics) - len(found.reported),
        "calls": len(found.calls),
        "unjudged": list(_unjudged(found)),
        "has_word": "einsum" in text,
    }


def _finding(diagnostic: Diagnostic, found: Findings) -> Answer:
    """The fields of `--output-format json`, what is missing, and the lines that change."""
    unmet = [each.text for each in diagnostic.fix.unmet] if diagnostic.fix else []
    changes = fixed_lines(diagnostic, found.places)
    return {
        **record_of(diagnostic, found.places),
        "unmet": unmet,
        "changes": [
            {"row": each.row, "removed": list(each.removed), "added": list(each.added)}
            for each in changes
        ],
    }


def _unjudged(found: Findings) -> Iterator[str]:
    for reason in Unjudged:
        if count := found.unjudged.count(reason):
            yield reason.told(count)


_ASKED: Final[Mapping[str, Callable[..., Answer]]] = {
    "equation": _equation,
    "code": _code,
    "fixed": _fixed,
    "all fixed": _all_fixed,
}
