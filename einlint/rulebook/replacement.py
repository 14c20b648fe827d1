"""A call -> the fix that replaces it, from the best plan that fits here."""

from collections.abc import Collection, Iterator
from typing import Final

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.assumptions import NO_COMMENTS, Assumption
from einlint.diagnostics import Fix, Requirement
from einlint.dialects.text import Precedence, Text
from einlint.dialects.torch import UnspellableError, spell
from einlint.planning.choose import best_plan
from einlint.planning.plan import RewritePlan
from einlint.rulebook.rule import EinsumCall, Finding
from einlint.settings import Settings
from einlint.source.callsite import CallSite

# Where most formatters break rows by default.
LONGEST_ROW: Final = 88


def simpler(call: EinsumCall, settings: Settings, *kinds: ContractionKind) -> Iterator[Finding]:
    """The finding that a call is of one of the kinds, where a simpler replacement exists."""
    contraction = _of_kind(call, kinds)
    plan = _best(call, contraction, settings) if contraction else None
    if contraction is not None and plan is not None and plan.is_simpler:
        yield _finding(call, contraction, plan, settings)


def named(call: EinsumCall, settings: Settings, *kinds: ContractionKind) -> Iterator[Finding]:
    """The finding that a call is of one of the kinds, with or without a simpler replacement."""
    contraction = _of_kind(call, kinds)
    if contraction is None:
        return
    plan = _best(call, contraction, settings)
    if plan is not None and plan.is_simpler:
        yield _finding(call, contraction, plan, settings)
    else:
        yield Finding(_message(call, contraction), notes=("keep einsum: nothing simpler does it",))


def _of_kind(call: EinsumCall, kinds: Collection[ContractionKind]) -> Contraction | None:
    contraction = call.contraction
    if contraction is None or call.has_miscounted_operands or contraction.kind not in kinds:
        return None
    return contraction


def _best(call: EinsumCall, contraction: Contraction, settings: Settings) -> RewritePlan | None:
    return best_plan(contraction, call.site.arguments.evidence, settings.assume)


def _message(call: EinsumCall, contraction: Contraction) -> str:
    return f"`{call.shown}` is {contraction.kind.noun}"


def _finding(
    call: EinsumCall, contraction: Contraction, plan: RewritePlan, settings: Settings
) -> Finding:
    message = _message(call, contraction)
    obstacle = call.site.arguments.obstacle
    notes = plan.notes if obstacle is None else (*plan.notes, f"no fix is offered: {obstacle}")
    try:
        return Finding(message, _fix(call, plan, settings), notes)
    except UnspellableError as error:
        return Finding(message, _shown(call, plan, settings, "torch"), (*notes, str(error)))


def placeholder_names(count: int) -> list[Text]:
    """Names for operands that have no text: a, b, c, ..."""
    return [Text(chr(ord("a") + position), Precedence.PRIMARY) for position in range(count)]


def _fix(call: EinsumCall, plan: RewritePlan, settings: Settings) -> Fix:
    site = call.site
    operands = site.arguments.operands
    if operands is None:
        return _shown(call, plan, settings, site.surroundings.module)
    text = spell(plan.expression, operands, settings.style, site.surroundings.module)
    content = _on_rows(text, site) or _placed(text, site)
    lost = [
        Assumption(NO_COMMENTS, f"`{each}` inside the call is lost")
        for each in site.arguments.comments
    ]
    requirements = tuple(
        Requirement(assumption, assumption.name in settings.assume)
        for assumption in (*plan.assumptions, *lost)
    )
    edit = site.edit(site.span.start, site.span.end, content)
    message = f"Replace with `{one_line(_placed(text, site))}`"
    return Fix(message, (edit,), requirements, call.shown)


def _shown(call: EinsumCall, plan: RewritePlan, settings: Settings, module: str | None) -> Fix:
    """A fix that can be shown only: with its operands' texts if they are known, else with names."""
    operands = call.site.arguments.operands or placeholder_names(52)
    text = spell(plan.expression, operands, settings.style, module)
    requirements = tuple(
        Requirement(assumption, assumption.name in settings.assume)
        for assumption in plan.assumptions
    )
    return Fix(f"Write it as `{one_line(text.source)}`", (), requirements)


def _placed(text: Text, site: CallSite) -> str:
    """The text with parentheses exactly where the surrounding expression needs them."""
    around = site.surroundings
    content = text.at_least(around.needed)
    collides = (
        (around.glued_before and _is_word(content[0]))
        or (around.glued_behind and _is_word(content[-1]))
        or (around.in_f_string and content.startswith("{"))
    )
    return f"({content})" if collides else content


def _on_rows(text: Text, site: CallSite) -> str | None:
    """The text on several rows, where the call has several and one row would be too long."""
    start, lines = site.range.start, site.lines
    call = site.span.of(lines.text)
    width = start.column - 1 + len(text.source)
    is_one_row = site.range.end.row == start.row or site.surroundings.in_f_string
    has_breaks = any(each in text.source for each in "\r\n")
    if is_one_row or has_breaks or not text.rows or width <= LONGEST_ROW:
        return None
    newline = next(each for each in ("\r\n", "\n", "\r") if each in call)
    code = lines.line(start.row)
    indent = code[: len(code) - len(code.lstrip())]
    rows = [f"{indent}    {row}" for row in text.rows]
    return newline.join(["(", *rows, f"{indent})"])


def _is_word(character: str) -> bool:
    return f"a{character}".isidentifier()


def one_line(source: str) -> str:
    """Source text on one line, for messages."""
    return " ".join(source.split())
