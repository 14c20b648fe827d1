"""A call -> the fix that replaces it by the best plan."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from einlint.algebra.contraction import ContractionKind
from einlint.algebra.nouns import noun
from einlint.algebra.proof import evaluation_order
from einlint.diagnostics import Edit, Fix, Requirement
from einlint.rewriting.assumptions import (
    ERRORS_NOT_CAUGHT,
    NO_COMMENTS,
    NOT_THE_SUBJECT,
    PLAIN_EINSUM,
    RANKS_FIT,
    SAME_EQUATION,
    Assumption,
)
from einlint.rewriting.choose import best_plan
from einlint.rewriting.dialects.text import Text, operand_names
from einlint.rewriting.dialects.torch import UnspellableError, spell
from einlint.rewriting.plan import RewritePlan, checks_ranks
from einlint.rewriting.sides import compiled_objection
from einlint.rewriting.simplicity import is_simple
from einlint.rulebook.grants import granted_at, prefers_operator
from einlint.rulebook.joined import on_one_line
from einlint.rulebook.rule import Finding
from einlint.rulebook.selection import selected_rules
from einlint.settings import Settings
from einlint.source.callsite import CallSite
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.syntax_context import is_word

# Where most formatters break lines by default.
_LONGEST_LINE: Final = 88
_OF_NAMES: Final = "EIN009"
COMPILED: Final = "torch.compile fuses this attention"
"""How the note on compiling begins."""


def simpler(call: EinsumCall, settings: Settings, *kinds: ContractionKind) -> Iterator[Finding]:
    """The finding that a call is of one of the kinds, if there is a simpler replacement."""
    contraction = call.contraction
    if contraction is None or contraction.kind not in kinds or call.is_rejected:
        return
    if call.mixed_dtypes is not None:
        return  # einsum takes them where it contracts nothing longer than 1; `@` never does
    arguments, granted = call.site.arguments, granted_at(call, settings)
    is_operator = prefers_operator(call, settings)
    plan = best_plan(
        contraction, arguments.evidence, granted, call.sizes, prefers_operator=is_operator
    )
    if plan is None or not plan.is_simpler or plan.objection is not None:
        return
    if compiled_objection(plan.expression, arguments.permutations) is None:
        message = f"`{call.shown}` is {noun(contraction)}"
        finding = _with_fix(message, call, plan, settings)
        notes = (*finding.notes, *_of_compiling(finding, call, settings))
        yield _with_names(finding._replace(notes=notes), call, settings)


def _of_compiling(finding: Finding, call: EinsumCall, settings: Settings) -> Iterator[str]:
    """What `@` gains under torch.compile, where the call is a product of attention.

    Both products must have fixes that everybody applies: with one of them nothing is gained.
    """
    if call.attention is None or call.site.syntax_context.has_autocast:
        return
    from einlint.rewriting.fused import CONDITIONS, Layout, gain  # few calls are of an attention

    measured = gain(call.attention.layout, call.attention.forms)
    if measured is None or not _is_worth_reporting(finding):
        return
    if call.other is not None:
        # Without its own attention, or each would ask the other.
        found = simpler(call.other._replace(attention=None), settings, *ContractionKind)
        if not any(map(_is_worth_reporting, found)):
            return
    where = " and its operands are contiguous" if call.attention.layout is Layout.GIVEN else ""
    yield (
        f"{COMPILED} if both products are written with `@`{where}, and "
        f"not with einsum: {measured.time:.1f} times as fast, 1/{measured.memory:.0f} of the "
        f"memory ({CONDITIONS})"
    )


def _is_worth_reporting(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.is_worth_reporting


def _with_names(finding: Finding, call: EinsumCall, settings: Settings) -> Finding:
    """Add a note for each index whose size has two names, unless a rule reports them."""
    if any(rule.code == _OF_NAMES for rule in selected_rules(settings)):
        return finding
    return finding._replace(notes=(*finding.notes, *(each.text for each in call.two_names)))


def _with_fix(message: str, call: EinsumCall, plan: RewritePlan, settings: Settings) -> Finding:
    """The finding with a fix; without edits, and with the reason, if it cannot be written."""
    arguments, module = call.site.arguments, call.site.syntax_context.module
    operands = arguments.operands
    if operands is None:
        names = operand_names(len(evaluation_order(plan.expression)))
        fix = _shown(plan, names, call, settings, module or call.site.api.module)
        called = "the operands are called " + ", ".join(f"`{each.source}`" for each in names)
        note = f"no fix: {arguments.obstacle}; {called} here"
        return Finding(message, fix, (*plan.notes, note))
    try:
        text = spell(plan.expression, operands, settings.style, module)
    except UnspellableError as error:
        fix = _shown(plan, operands, call, settings, call.site.api.module)
        return Finding(message, fix, (*plan.notes, str(error)))
    return Finding(message, _written(call, plan, text, settings), plan.notes)


def _written(call: EinsumCall, plan: RewritePlan, text: Text, settings: Settings) -> Fix:
    site = call.site
    placed = _placed(text, site)
    edit = Edit(site.start, site.end, _on_own_lines(text, site) or _joined(placed, site) or placed)
    assumptions = (*plan.assumptions, *_of_the_ranks(plan, site), *_of_the_place(site))
    requirements = _requirements(assumptions, granted_at(call, settings))
    message = f"Replace with `{_one_line(placed)}`"
    reads_better = is_simple(plan.expression) and not _is_beside_another(call, settings)
    return Fix(message, (edit,), requirements, call.shown, reads_better)


def _is_beside_another(call: EinsumCall, settings: Settings) -> bool:
    """Whether a call near it, of an operand that it has too, has no spelling that reads better.

    Two formulas that belong together read better in one notation.
    """
    if call.attention is not None:
        return False
    near = (each._replace(near=()) for each in call.near)
    return any(_stays(each, settings) for each in near)


def _stays(call: EinsumCall, settings: Settings) -> bool:
    if call.contraction is None or call.is_rejected:
        return False
    found = simpler(call, settings, *ContractionKind)
    return not any(each.fix is not None and each.fix.is_simple for each in found)


def _of_the_ranks(plan: RewritePlan, site: CallSite) -> Iterator[Assumption]:
    """That the operands have the ranks of the equation, unless the replacement checks them."""
    if not checks_ranks(plan.expression):
        text = "the operands have the ranks of the equation, which einsum checks"
        yield Assumption(RANKS_FIT, text, site.arguments.evidence.get(RANKS_FIT))


def _of_the_place(site: CallSite) -> Iterator[Assumption]:
    """The assumptions of any replacement of this call, whatever its plan is."""
    if site.syntax_context.errors_are_caught:
        text = "the code around the call does not rely on an error of einsum"
        yield Assumption(ERRORS_NOT_CAUGHT, text)
    if site.syntax_context.subject is not None:
        text = f"the call is not what is being {site.syntax_context.subject}"
        yield Assumption(NOT_THE_SUBJECT, text)
    if site.arguments.is_overridable:
        yield Assumption(SAME_EQUATION, "no derived class in another file sets another equation")
    yield from _of_the_function(site)
    for comment in site.arguments.comments:
        yield Assumption(NO_COMMENTS, f"the comment `{comment}` inside the call may be lost")


def required_by_function(call: EinsumCall, settings: Settings) -> tuple[Requirement, ...]:
    """The assumptions of any edit of this call that concern the called function."""
    return _requirements(_of_the_function(call.site), granted_at(call, settings))


def _of_the_function(site: CallSite) -> Iterator[Assumption]:
    against, name = site.arguments.evidence.get(PLAIN_EINSUM), f"`{site.api.name}`"
    if against is not None:
        yield Assumption(PLAIN_EINSUM, f"{name} is neither replaced nor watched: {against.text}")
    elif site.api.is_wrapper:
        yield Assumption(PLAIN_EINSUM, f"{name} does nothing but call torch.einsum")


def _shown(
    plan: RewritePlan,
    operands: Sequence[Text],
    call: EinsumCall,
    settings: Settings,
    module: str | None,
) -> Fix:
    """A fix without edits that shows the replacement."""
    text = spell(plan.expression, operands, settings.style, module)
    requirements = _requirements(plan.assumptions, granted_at(call, settings))
    return Fix(f"Write it as `{_one_line(text.source)}`", (), requirements)


def _requirements(
    assumptions: Iterable[Assumption], granted: Collection[str]
) -> tuple[Requirement, ...]:
    return tuple(Requirement(each, each.name in granted) for each in assumptions)


def _placed(text: Text, site: CallSite) -> str:
    """The text, in parentheses if the surrounding expression needs them."""
    around = site.syntax_context
    content = text.at_least(around.needed)
    collides = (
        (around.glued_before and is_word(content[0]))
        or (around.glued_behind and is_word(content[-1]))
        or (around.in_f_string and content.startswith("{"))
    )
    return f"({content})" if collides else content


def _on_own_lines(text: Text, site: CallSite) -> str | None:
    """The text in parentheses on its own lines; None if it stays on one line.

    Only calls that span several lines are broken again, and only if one line would be too long.
    The text takes one line if it fits, otherwise one for each factor.
    """
    lines, place = site.lines, site.lines.place(site.start, site.end)
    call = site.span.of(lines.text)
    width = place.start.column - 1 + len(text.source)
    is_one_line = place.is_one_line or site.syntax_context.in_f_string
    if is_one_line or _has_breaks(text.source) or not text.rows or width <= _LONGEST_LINE:
        return None
    newline = next(each for each in ("\r\n", "\n", "\r") if each in call)
    code = lines.line(place.start.row)
    indent = code[: len(code) - len(code.lstrip())]
    inner = f"{indent}    "
    fits = len(inner) + len(text.source) <= _LONGEST_LINE
    pieces = (inner + piece for piece in ((text.source,) if fits else text.rows))
    return newline.join(["(", *pieces, f"{indent})"])


def _joined(content: str, site: CallSite) -> str | None:
    """The content on one line, if its operands span several and it fits."""
    # A nested call has a fix of its own, and a trace finds it by its text.
    is_nested = site.api.name.rpartition(".")[2] in content
    if not _has_breaks(content) or is_nested or site.syntax_context.in_f_string:
        return None
    place, joined = site.lines.place(site.start, site.end), on_one_line(content)
    behind = len(site.lines.line(place.end.row)) - (place.end.column - 1)
    room = _LONGEST_LINE - (place.start.column - 1) - behind
    return joined if joined is not None and len(joined) <= room else None


def _has_breaks(source: str) -> bool:
    return "\n" in source or "\r" in source


def _one_line(source: str) -> str:
    """Source text on one line, for messages."""
    joined = on_one_line(source) if _has_breaks(source) else source
    return " ".join((joined or source).split())
