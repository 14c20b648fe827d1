"""Mutation testing: which small faults in algebra, rewriting and edits do the tests not see?

    python benchmarks/mutants.py [--count 200] [--seed N] [--jobs 2] [--limit SECONDS]

Draws changes of the syntax trees by a seed: another operator, a comparison the other way round, a
number plus one, a condition negated, a statement dropped, `None` returned. Each is written to a
copy of the tree in a temporary folder, where the tests run until the first fails: at first those
that run the changed line, by coverage, the most specific of them before all others.
Prints a line for each mutant, then the survivors again; each is equivalent, or a missing test.
The exit code is 1 if fewer than 90 % are killed. See docs/testing.md for the last results.
"""

import argparse
import ast
import copy
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import coverage
    import pytest

ROOT: Final = Path(__file__).parent.parent
TARGETS: Final = (
    *("einlint/algebra", "einlint/rewriting", "einlint/linting/fixes.py"),
    *("einlint/linting/moved_offsets.py", "einlint/rulebook/replacement.py"),
    *("einlint/rulebook/joined.py", "einlint/notebook/source_text.py", "einlint/source/spans.py"),
)
# What concerns them, and is quick.
TESTS: Final = (
    *("tests/rules/test_fixtures.py", "tests/rewriting", "tests/algebra", "tests/test_pairing.py"),
    *("tests/cli/test_explain.py", "tests/cli/test_explain_call.py", "tests/test_own_views.py"),
    *("tests/cli/test_applied.py", "tests/test_applicable.py", "tests/notebook/test_cells.py"),
    *("tests/notebook/test_document.py", "tests/rules/test_sizes.py", "tests/test_api.py"),
    *("tests/rules/test_layers.py", "tests/rules/test_rejected.py"),
    *("tests/rules/test_attention.py", "tests/source/test_shapes.py"),
    *("tests/source/test_terms.py", "tests/source/test_true_claims.py"),
)
QUIET: Final = (
    *("-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not exhaustive"),
    "--hypothesis-seed=0",
    *("--deselect", "tests/rewriting/test_explanation.py::test_no_line_contradicts_another"),
    *("--ignore", "tests/rewriting/test_compiled.py"),
)
# So many of the nearest tests run first: most mutants are killed by them.
NEAREST: Final = 30
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
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {_short(self.before)}  ->  {_short(self.after)}"


@dataclass(frozen=True, slots=True)
class Covering:
    """A test, and the lines of each file that it runs."""

    name: str
    lines: defaultdict[str, set[int]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutation testing of the engine.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=900, help="seconds; a longer run is a kill")
    parser.add_argument("--list", action="store_true", help="print the mutants, and run nothing")
    options = parser.parse_args()
    drawn = mutants(options.count, options.seed)
    if options.list:
        print(*drawn, sep="\n")
        return 0
    survivors = survivors_of(drawn, options.jobs, options.limit)
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
            text = _changed(file, at)
            found[path, line] = Mutant(path, line, last, before, _text(after), text)
    return list(found.values())


def _line(node: ast.AST) -> int:
    return node.target.lineno if isinstance(node, ast.comprehension) else int(node.lineno)


@cache
def _choices(file: Path) -> list[tuple[Slot, ast.AST, ast.AST]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [(slot, node, new) for slot, node in _slots(tree) for new in alternatives(node)]


def _changed(file: Path, at: int) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    choices = [(slot, new) for slot, node in _slots(tree) for new in alternatives(node)]
    slot, new = choices[at]
    slot.replace(new)
    return ast.unparse(ast.fix_missing_locations(tree))


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


def survivors_of(drawn: Sequence[Mutant], jobs: int, limit: float) -> list[Mutant]:
    """Run all mutants, each worker in a copy of the tree of its own."""
    import libcst  # noqa: F401 -- loaded once, before the forks
    import pytest  # noqa: F401
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(jobs) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            copies.put(_copied(Path(work) / str(number)))
        first, started = copies.get(), time.monotonic()
        tests = _covering(first, Path(work) / "lines.json", limit)
        copies.put(first)
        print(f"{len(tests)} tests: {time.monotonic() - started:.0f} s", flush=True)

        def lives(mutant: Mutant) -> bool:
            folder = copies.get()
            try:
                return _lives(mutant, tests, folder, limit)
            finally:
                copies.put(folder)

        found = list(pool.map(lives, drawn))
    return [mutant for mutant, is_alive in zip(drawn, found, strict=True) if is_alive]


def _copied(folder: Path) -> Path:
    left_out = shutil.ignore_patterns(".*", "__pycache__", "docs")
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


def _lives(mutant: Mutant, tests: Sequence[Covering], folder: Path, limit: float) -> bool:
    started = time.monotonic()
    (folder / mutant.path).write_text(mutant.text, encoding="utf-8")
    try:
        code = _run(folder, _stages(mutant, tests), limit)
    finally:
        shutil.copy2(ROOT / mutant.path, folder / mutant.path)
    end = {0: "SURVIVED", None: "killed by time"}.get(code, "killed")
    print(f"{end:9} {time.monotonic() - started:4.0f} s  {mutant}", flush=True)
    return code == 0


def _stages(mutant: Mutant, tests: Sequence[Covering]) -> list[list[str]]:
    """The tests in the order in which they run; those of a stage are collected together.

    All run at last: a line whose result is kept counts for the first test only that asks for it.
    """
    lines = range(mutant.line, mutant.last + 1)
    near = [each.name for each in tests if not each.lines[mutant.path].isdisjoint(lines)]
    known = set(near)
    others = [each.name for each in tests if each.name not in known]
    return [stage for stage in (near[:NEAREST], near[NEAREST:], others) if stage]


class Chosen:
    """A plugin of pytest: only these tests run, in this order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._order = {name: at for at, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: "list[pytest.Item]") -> None:
        items[:] = sorted(
            (each for each in items if each.nodeid in self._order),
            key=lambda each: self._order[each.nodeid],
        )


class Recorder:
    """A plugin of pytest: each test is a context of its own for coverage."""

    def __init__(self, measured: "coverage.Coverage") -> None:
        self._measured = measured

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._measured.switch_context(nodeid)


def _covering(folder: Path, record: Path, limit: float) -> list[Covering]:
    """Run all tests without a mutant; those that run the fewest lines come first."""
    if _run_in_fork(lambda: _record(folder, record), folder, limit) != 0:
        sys.exit("the tests fail without a mutant")
    found: dict[str, Covering] = {}
    for path, lines in json.loads(record.read_text()).items():
        for line, names in lines.items():
            for name in filter(None, names):
                found.setdefault(name, Covering(name, defaultdict(set))).lines[path].add(int(line))
    return sorted(found.values(), key=lambda each: (sum(map(len, each.lines.values())), each.name))


def _record(folder: Path, record: Path) -> int:
    import coverage
    import pytest

    measured = coverage.Coverage(data_file=None, include=[f"{folder}/einlint/*"])
    measured.start()
    code = int(pytest.main([*QUIET, *TESTS], plugins=[Recorder(measured)]))
    measured.stop()
    data = measured.get_data()
    lines = {
        Path(file).relative_to(folder).as_posix(): data.contexts_by_lineno(file)
        for file in data.measured_files()
    }
    record.write_text(json.dumps(lines))
    return code


def _run(folder: Path, stages: Sequence[Sequence[str]], limit: float) -> int | None:
    def test() -> int:
        # What a mutant is compiled to must not be kept.
        sys.dont_write_bytecode = True
        return next(filter(None, map(_tested, stages)), 0)

    return _run_in_fork(test, folder, limit)


def _tested(names: Sequence[str]) -> int:
    import pytest

    files = dict.fromkeys(name.partition("::")[0] for name in names)
    return int(pytest.main([*QUIET, *files], plugins=[Chosen(names)]))


def _run_in_fork(test: Callable[[], int], folder: Path, limit: float) -> int | None:
    """The exit code of the tests in a fork of this process; None if they take longer."""
    child = os.fork()
    if child == 0:
        _end_with(test, folder)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _end_with(test: Callable[[], int], folder: Path) -> None:
    """Run the tests in this forked process, and end it."""
    code = 3
    try:
        os.setsid()
        os.chdir(folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        # A test may run the command line in a process of its own, which has to be the mutant too.
        os.environ["PYTHONPATH"] = str(folder)
        sys.path[0] = str(folder)
        code = test()
    finally:
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
