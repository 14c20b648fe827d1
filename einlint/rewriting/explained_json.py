"""An explanation as plain data for JSON: every fact that the text has, by name."""

from collections.abc import Mapping
from typing import Any

from einlint.algebra.canonical import canonical
from einlint.algebra.cost import Cost, Flops
from einlint.algebra.equation import Equation, Subscripts
from einlint.algebra.order import Factor, steps
from einlint.rewriting.explained_text import checklist
from einlint.rewriting.explanation import Explanation, OtherSpelling, Replacement


def as_data(found: Explanation) -> dict[str, Any]:
    """The explanation as data; what is not known, or does not exist, is None.

    `flops` are those from left to right, with their parts. `bytes` is a model: every operand is
    read once, the result written once. `order` is None for fewer than three operands.
    """
    equation, contraction, cost = found.equation, found.contraction, found.cost
    return {
        "equation": str(equation),
        "canonical": str(canonical(equation)),
        "kind": contraction.kind.value,
        "roles": contraction.roles.as_text(),
        "sizes": dict(found.sizes),
        "missing_sizes": list(found.missing),
        "shapes": {
            "operands": [_shape(term, found.sizes) for term in equation.inputs],
            "output": _shape(equation.output, found.sizes),
        },
        "dtype": found.dtype,
        "flops": None if cost is None else _flops(cost.flops),
        "bytes": found.bytes,
        "order": _order(found) if len(equation.inputs) > 2 else None,
        "advice": found.advice.action.value,
        "reason": found.advice.reason,
        "replacement": None if found.replacement is None else _replacement(found.replacement),
        "other_spellings": [_other(each) for each in found.others],
        "doubts": [{"code": each.code, "text": each.text} for each in found.oversights],
        "checklist": [
            {"question": question, "answer": answer} for question, answer in checklist(found)
        ],
    }


def _shape(term: Subscripts, sizes: Mapping[str, int]) -> list[int | None]:
    return [sizes.get(label) for label in term]


def _flops(flops: Flops) -> dict[str, int]:
    return {
        "total": flops.total,
        "product": flops.product,
        "multiply": flops.multiply,
        "sum": flops.sum,
    }


def _order(found: Explanation) -> dict[str, Any]:
    written, best = found.cost, found.best
    return {
        "left_to_right": None if written is None else _path(written, found.equation),
        "best": None if best is None else _path(best.cost, found.equation),
        "is_exact": None if best is None else best.is_exact,
    }


def _path(cost: Cost, equation: Equation) -> dict[str, Any]:
    return {
        "flops": _flops(cost.flops),
        "largest_intermediate": cost.largest_intermediate,
        "steps": [
            {
                "left": _factor(step.left),
                "right": _factor(step.right),
                "result": "".join(step.labels),
                "flops": step.flops,
            }
            for step in steps(cost, equation)
        ],
    }


def _factor(factor: Factor) -> dict[str, Any]:
    """One side of a step; `operand` counts from 1, and is None for the result of a step."""
    return {"labels": "".join(factor.labels), "operand": factor.number}


def _replacement(found: Replacement) -> dict[str, Any]:
    return {
        "text": found.text,
        "assumptions": [
            {
                "name": each.name,
                "text": each.text,
                "proved_by": each.proved_by.text if each.proved_by and each.is_proved else None,
                "granted": not each.is_proved and each.name not in found.unmet,
            }
            for each in found.assumptions
        ],
        "notes": list(found.notes),
    }


def _other(found: OtherSpelling) -> dict[str, Any]:
    return {"text": found.text, "condition": found.condition, "reads_worse": found.reads_worse}
