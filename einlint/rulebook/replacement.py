"""A call -> the fix that replaces it, from the best plan that fits here."""

from collections.abc import Iterator

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


def simpler(call: EinsumCall, settings: Settings, *kinds: ContractionKind) -> Iterator[Finding]:
    """The finding that a call is of one of the kinds, and its replacement where there is one."""
    contraction = call.contraction
    if contraction is None or call.has_miscounted_operands:
        return
    if contraction.kind in kinds:
        yield _finding(call, contraction, settings)


def _finding(call: EinsumCall, contraction: Contraction, settings: Settings) -> Finding:
    message = f"`{call.shown}` is {contraction.kind.noun}"
    plan = best_plan(contraction, call.site.arguments.evidence, settings.assume)
    if plan is None:
        return Finding(message)
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
    content = _placed(text, site)
    lost = [
        Assumption(NO_COMMENTS, f"`{each}` inside the call is lost")
        for each in site.arguments.comments
    ]
    requirements = tuple(
        Requirement(assumption, assumption.name in settings.assume)
        for assumption in (*plan.assumptions, *lost)
    )
    edit = site.edit(site.span.start, site.span.end, content)
    return Fix(f"Replace with `{one_line(content)}`", (edit,), requirements, call.shown)


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


def _is_word(character: str) -> bool:
    return f"a{character}".isidentifier()


def one_line(source: str) -> str:
    """Source text on one line, for messages."""
    return " ".join(source.split())
