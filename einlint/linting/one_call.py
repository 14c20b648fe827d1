"""Everything about one call: what it computes, what every rule says of it, what is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.sizes import Axis, Shape
from einlint.diagnostics import Fix
from einlint.rewriting.assumptions import Assumption
from einlint.rewriting.explanation import (
    Explanation,
    Replacement,
    SizeError,
    Surroundings,
    explained_call,
)
from einlint.rulebook.grants import granted_at, prefers_operator
from einlint.rulebook.rule import Finding, Rule, is_about_spelling
from einlint.rulebook.selection import all_rules
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall, known_sizes
from einlint.source.lines import LineIndex


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """A call with all findings about it, whether or not their rules are selected.

    explanation: None if the equation or the form of the call is invalid; then a finding says why.
    findings: by the code of their rule, in the order of the codes.
    """

    call: EinsumCall
    explanation: Explanation | None
    findings: tuple[tuple[str, Finding], ...]

    @property
    def fix(self) -> Fix | None:
        """The fix that replaces the call by another spelling, if a rule offers one."""
        found = (each.fix for code, each in self.findings if is_about_spelling(code))
        return next((fix for fix in found if fix is not None), None)


def judged(
    call: EinsumCall, settings: Settings, sizes: Mapping[str, int], dtype: str
) -> JudgedCall:
    """Judge a call by all rules, as far as they judge einsum calls on their own.

    Args:
        call: the call.
        settings: what they grant counts, and how they spell; what they select does not.
        sizes: sizes of indices, besides those that the code shows.
        dtype: a key of `einlint.rewriting.explanation.ITEM_SIZES`.

    Raises:
        SizeError: `sizes` has an index that the equation does not have, or another size than
            the code.
    """
    call = _with_sizes(call, sizes)
    findings = tuple(
        (rule.code, finding) for rule in _rules() for finding in _findings(rule, call, settings)
    )
    contraction = call.contraction
    if contraction is None:
        return JudgedCall(call, None, findings)
    rejection = next((each.message for _, each in findings if call.is_rejected), None)
    arguments = call.site.arguments
    around = Surroundings(
        arguments.evidence,
        granted_at(call, settings),
        call.sizes,
        arguments.operands,
        call.site.syntax_context.module,
        settings.style,
        arguments.permutations,
        rejection,
        prefers_operator(call, settings),
    )
    known = explained_call(contraction, _numbers(call, sizes), dtype, around)
    found = JudgedCall(call, known, findings)
    if found.fix is None:
        return found
    return replace(found, explanation=_as_fixed(known, found.fix, call.site.lines))


def _rules() -> Iterator[Rule[Any]]:
    for rule in all_rules():
        if rule.judges is EinsumCall and not rule.is_last_resort:
            yield rule


def _findings(rule: Rule[Any], call: EinsumCall, settings: Settings) -> list[Finding]:
    return [] if rule.check is None else list(rule.check(call, settings))


def _as_fixed(known: Explanation, fix: Fix, lines: LineIndex) -> Explanation:
    """The explanation with all assumptions of the fix: some concern the place of the call."""
    assumptions = tuple(_located(each.assumption, lines) for each in fix.requirements)
    missing = tuple(each.name for each in fix.unmet)
    if known.replacement is not None:
        notes = known.replacement.notes
        complete = Replacement(known.replacement.text, assumptions, missing, notes)
        return replace(known, replacement=complete)
    if not known.others:
        return known
    first, *rest = known.others
    conditions = "; ".join(each.condition for each in fix.unmet)
    return replace(known, others=(replace(first, condition=conditions), *rest))


def _located(assumption: Assumption, lines: LineIndex) -> Assumption:
    """The assumption with the line that proves it."""
    proof = assumption.proved_by
    if proof is None or proof.offset is None:
        return assumption
    line = lines.describe_line(lines.line_number(proof.offset))
    if line in proof.text:
        return assumption
    return assumption._replace(proved_by=proof._replace(text=f"{proof.text} ({line})"))


def _numbers(call: EinsumCall, sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes of all indices that are known as numbers."""
    if call.sizes is None or call.contraction is None:
        return dict(sizes)
    labels = call.contraction.equation.labels
    found = {label: call.sizes.number(label) for label in labels}
    return {**sizes, **{label: number for label, number in found.items() if number is not None}}


def _with_sizes(call: EinsumCall, sizes: Mapping[str, int]) -> EinsumCall:
    """The call with these sizes where the code shows none."""
    contraction, arguments = call.contraction, call.site.arguments
    if contraction is None or not sizes or call.has_miscounted_operands:
        return call
    terms = contraction.equation.inputs
    shapes = arguments.shapes or (None,) * len(terms)
    if len(shapes) != len(terms):
        return call
    pairs = zip(terms, shapes, strict=True)
    filled = tuple(_filled(term, shape, sizes) for term, shape in pairs)
    site = call.site._replace(arguments=arguments._replace(shapes=filled))
    return call._replace(site=site, sizes=known_sizes(site, contraction))


def _filled(term: Subscripts, shape: Shape | None, sizes: Mapping[str, int]) -> Shape | None:
    """The shape of an operand with these sizes; the axes of `...` have no size of their own."""
    if ELLIPSIS in term or (shape is not None and len(shape) != len(term)):
        return shape
    axes = (Axis(),) * len(term) if shape is None else shape
    return tuple(_axis(label, axis, sizes) for label, axis in zip(term, axes, strict=True))


def _axis(label: str, axis: Axis, sizes: Mapping[str, int]) -> Axis:
    given = sizes.get(label)
    if given is None or axis.size in (given, 1):
        return axis
    if isinstance(axis.size, int):
        raise SizeError(f"`{label}` has size {axis.size} in the code, not {given}")
    return Axis(given, f"--size {label}")
