"""Mutation testing: which small faults in algebra, rewriting and edits do the tests not see?

    python benchmarks/mutants.py [--count 200] [--seed N] [--jobs 2] [--limit SECONDS]

Draws changes of the syntax trees by a seed: another operator, a comparison the other way round, a
number plus one, a condition negated, a statement dropped, `None` returned. The tests that run the
changed line run until the first fails (`mutant_runs.py`).
Prints a line for each mutant, then the survivors again; each is equivalent, or a missing test.
The exit code is 1 if fewer than 90 % are killed. docs/explanation/testing.md has the last results.
"""

import argparse
import ast
import copy
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
TARGETS: Final = (
    *("einlint/algebra", "einlint/rewriting", "einlint/linting/fixes.py"),
    *("einlint/linting/moved_offsets.py", "einlint/rulebook/replacement.py"),
    *("einlint/rulebook/joined.py", "einlint/notebook/source_text.py", "einlint/source/spans.py"),
)
ENOUGH: Final = 0.9

OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a node hangs in the tree: an attribute of its parent, or an item of a list there."""

    parent: ast.AST
    field: str
    index: int | None

    def replace(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the file, its new text, and what was changed where."""

    path: str
    line: int
    last: int
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {_short(self.before)}  ->  {_short(self.after)}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutation testing of the engine.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=600, help="seconds; a longer run is a kill")
    parser.add_argument("--lines", type=Path, help="keep here which test runs which lines")
    parser.add_argument("--list", action="store_true", help="print the mutants, and run nothing")
    options = parser.parse_args()
    drawn = mutants(options.count, options.seed)
    if options.list:
        print(*drawn, sep="\n")
        return 0
    from mutant_runs import survivors_of  # it loads torch

    survivors = survivors_of(drawn, options.jobs, options.limit, options.lines)
    killed = len(drawn) - len(survivors)
    print(f"\n{killed} of {len(drawn)} killed ({killed / len(drawn):.0%}); survivors:")
    print(*survivors, sep="\n")
    return int(killed < ENOUGH * len(drawn))


def mutants(count: int, seed: int) -> list[Mutant]:
    """Some of all changes, each line of the sources at most once, in an order of the seed."""
    files = [
        file
        for target in TARGETS
        for file in sorted((ROOT / target).rglob("*.py") if "." not in target else [ROOT / target])
    ]
    draw = random.Random(seed)
    places = [(file, at) for file in files for at in range(len(_choices(file)))]
    draw.shuffle(places)
    found: dict[tuple[str, int], Mutant] = {}
    for file, at in places:
        _, node, after = _choices(file)[at]
        path, line = file.relative_to(ROOT).as_posix(), _line(node)
        if len(found) < count and (path, line) not in found:
            before = ast.unparse(node)
            last = getattr(node, "end_lineno", line)
            found[path, line] = Mutant(path, line, last, before, _text(after), _changed(file, at))
    return list(found.values())


def _line(node: ast.AST) -> int:
    return node.target.lineno if isinstance(node, ast.comprehension) else int(node.lineno)


@cache
def _choices(file: Path) -> list[tuple[Slot, ast.AST, ast.AST]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [(slot, node, new) for slot, node in _slots(tree) for new in alternatives(node)]


def _changed(file: Path, at: int) -> ast.Module:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    choices = [(slot, new) for slot, node in _slots(tree) for new in alternatives(node)]
    slot, new = choices[at]
    slot.replace(new)
    return ast.fix_missing_locations(tree)


def _slots(node: ast.AST) -> Iterator[tuple[Slot, ast.AST]]:
    """Every node that runs: no annotations, no decorators, no docstrings."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases", "type_params"):
            continue
        if isinstance(node, ast.AnnAssign) and field == "target":
            continue
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, each in items:
            if isinstance(each, ast.AST):
                yield Slot(node, field, index), each
                yield from _slots(each)


def alternatives(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901 -- one case a kind
    """The changed nodes that may stand for a node."""
    match node:
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            yield _with(node, op=OPERATORS[type(operator)]())
        case ast.Compare(ops=[first, *others]):
            for kind in COMPARISONS[type(first)]:
                yield _with(node, ops=[kind(), *others])
        case ast.BoolOp(op=operator):
            yield _with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int()):
            yield ast.Constant(node.value + 1)
        case ast.If() | ast.While() | ast.IfExp():
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.Return(value=ast.AST()) if not _is_none(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign():
            yield ast.Pass()
        case ast.Continue() | ast.Break() | ast.Raise():
            yield ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _short(text: str) -> str:
    rows = text.splitlines()
    return rows[0][:110] + (" ..." if len(rows) > 1 or len(rows[0]) > 110 else "")


if __name__ == "__main__":
    sys.exit(main())
