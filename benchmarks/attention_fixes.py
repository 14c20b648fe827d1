"""Run the fixes of attention on random functions, and count; the same seed draws the same ones.

    python benchmarks/attention_fixes.py [SEED]

Fixed functions are run against the original, in float64 and in float32, forward and backward.
Functions with an obstacle must be left alone, look-alikes must have no finding, and mutants of the
written fixes must all be refused by the proof.
"""

import ast
import random
import sys
from collections import Counter
from collections.abc import Iterator

import torch
from attention_functions import Generated, attention, lookalike

from einlint.diagnostics import Applicability, Edit
from einlint.linting.engine import check, fix
from einlint.settings import Settings
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file

FUNCTIONS, LOOKALIKES, MUTANTS = 300, 200, 500
# Fixes are run wherever they can be written, also where they are not faster.
GRANTED = ("not-slower",)
SETTINGS = Settings(select=("EIN202",), pedantic=True, torch_version="2.5", extend_assume=GRANTED)


def main() -> None:
    """Print the counts, and what is wrong."""
    draw = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    torch.manual_seed(0)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    fixed: list[Generated] = []
    for _ in range(FUNCTIONS):
        made = attention(draw)
        said = judged(made)
        counts[said] += 1
        if said.startswith("fixed"):
            fixed.append(made)
        if said not in ("fixed and equal", "blocked as meant"):
            wrong.append(f"{said}: {made.layout} {made.block}\n{made.text}")
    for _ in range(LOOKALIKES):
        text = lookalike(draw)
        found = check(SourceFile("a.py", text), SETTINGS).diagnostics
        counts["look-alikes reported" if found else "look-alikes silent"] += 1
        wrong += [f"look-alike\n{text}"] if found else []
    mutants = [pair for made in fixed for pair in mutated(made)]
    draw.shuffle(mutants)
    for edits, attentions in mutants[:MUTANTS]:
        is_proved = attentions.is_proved(edits)
        counts["mutants proved" if is_proved else "mutants refused"] += 1
        if is_proved:
            wrong.append("mutant\n" + spliced(attentions.parsed.source.text, edits))
    for name, count in sorted(counts.items()):
        print(f"{count:5} {name}")
    print("\n".join(wrong[:8]))


def spliced(text: str, edits: tuple[Edit, ...]) -> str:
    """The text behind the edits."""
    for edit in reversed(edits):
        text = text[: edit.start] + edit.content + text[edit.end :]
    return text


def judged(made: Generated) -> str:
    """What became of one function."""
    source = SourceFile("a.py", made.text)
    found = check(source, SETTINGS).diagnostics
    if len(found) != 1:
        return f"{len(found)} findings"
    if found[0].fix is None or not found[0].fix.edits:
        return "blocked as meant" if made.block else f"not fixed: {found[0].message}"
    if made.block:
        return "wrongly fixed"
    change = fix(source, SETTINGS, Applicability.UNSAFE)
    return "fixed and equal" if are_equal(made, change.text) else "fixed and different"


def are_equal(made: Generated, text: str) -> bool:
    """Whether both functions give the same values and gradients."""
    is_single = "float()" in made.text or "float32" in made.text
    return all(
        one.shape == other.shape
        and torch.allclose(
            one, other, atol=1e-5 if is_single or dtype is torch.float32 else 1e-9, rtol=1e-4
        )
        for dtype in (torch.float32, torch.float64)
        for one, other in zip(ran(made, made.text, dtype), ran(made, text, dtype), strict=True)
    )


def ran(made: Generated, text: str, dtype: torch.dtype) -> Iterator[torch.Tensor]:
    """The result of the function in a text, and the gradients of query, key and value."""
    names: dict[str, object] = {}
    exec(compile(text, "a.py", "exec"), names)
    torch.manual_seed(1)
    inputs = [torch.randn(made.shape, dtype=dtype, requires_grad=True) for _ in range(3)]
    mask = torch.rand(5, 5) < 0.2
    mask.fill_diagonal_(fill_value=False)
    function = names["f"]
    assert callable(function)
    result = function(*(each * 1.0 for each in inputs), 0.3, mask, torch.randn(5, 5, dtype=dtype))
    result.square().sum().backward()
    yield result.detach()
    for each in inputs:
        assert each.grad is not None
        yield each.grad


def mutated(made: Generated) -> Iterator[tuple[tuple[Edit, ...], HandWrittenAttention]]:
    """The written fix of a function, with one thing changed at a time."""
    (found,) = parse_file(SourceFile("a.py", made.text)).facts(HandWrittenAttention)
    replacement = found.replacement(may_group=True)
    assert replacement is not None
    edits = list(replacement.edits)
    at = max(range(len(edits)), key=lambda place: edits[place].start)
    written = edits[at]
    for text in mutants_of(written.content):
        changed = [*edits]
        changed[at] = Edit(written.start, written.end, text)
        yield tuple(changed), found
    lines = made.text.splitlines(keepends=True)
    for node in found.read.function.body[:-1]:
        start = sum(map(len, lines[: node.lineno - 1]))
        lost = Edit(start, start + len(lines[node.lineno - 1]), "")
        if node.lineno == node.end_lineno and not any(
            each.start <= start < each.end or start <= each.start < lost.end for each in edits
        ):
            yield tuple(sorted([*edits, lost], key=lambda edit: edit.start)), found


def mutants_of(text: str) -> Iterator[str]:
    """A call with operands exchanged, or with an argument lost or changed."""
    tree = ast.parse(text.strip(), mode="eval").body
    call = tree
    behind = ""
    while (
        isinstance(call, ast.Call) and "scaled_dot" not in ast.unparse(call.func).rsplit(".", 1)[-1]
    ):
        assert isinstance(call.func, ast.Attribute)
        call = call.func.value
    assert isinstance(call, ast.Call)
    behind = ast.unparse(tree)[len(ast.unparse(call)) :]
    args = [ast.unparse(each) for each in call.args]
    named = {each.arg or "": ast.unparse(each.value) for each in call.keywords}
    function = ast.unparse(call.func)

    def written(args: list[str], named: dict[str, str], behind: str = behind) -> str:
        parts = [*args, *(f"{name}={value}" for name, value in named.items())]
        return f"{function}({', '.join(parts)}){behind}"

    q, k, v = args
    yield written([k, q, v], named)
    yield written([q, v, k], named)
    yield written([v, k, q], named)
    yield written([q, k + ".transpose(-2, -1)", v], named)
    for name in named:
        yield written(args, {each: value for each, value in named.items() if each != name})
    yield written(args, {**named, "scale": f"2 * ({named['scale']})"})
    if "attn_mask" in named:
        yield written(args, {**named, "attn_mask": f"~({named['attn_mask']})"})
    if ".transpose(-3, -2)" in named.get("attn_mask", ""):
        upright = named["attn_mask"].replace(".transpose(-3, -2)", "")
        yield written(args, {**named, "attn_mask": upright})
    yield written(args, {**named, "dropout_p": "0.3"})
    if "is_causal" not in named:
        yield written(args, {**named, "is_causal": "True"})
    yield written(args, named, f"{behind}.transpose(-2, -1)")
    if behind:
        yield written(args, named, "")


if __name__ == "__main__":
    main()
