"""Run mutants: a process collects the tests once, and a fork of it for each mutant runs them.

A mutant of a function is put in by exchanging its code in the fork; so nothing is imported again,
and most mutants end in a second. One of what runs as a file is imported needs a process of its own.
"""

import ast
import gc
import inspect
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final

import coverage
import libcst  # noqa: F401 -- loaded once, before the forks
import pytest
import torch
from mutants import ROOT, Mutant

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
# These take seconds each, though some run few lines: they come last.
SLOW: Final = (
    *("tests/rewriting/test_table.py", "tests/rewriting/test_other_spellings.py"),
    *("tests/rewriting/test_explanation.py", "tests/source/test_true_claims.py"),
    *("tests/algebra/test_size_table.py", "tests/test_pairing.py", "tests/test_own_views.py"),
)
NEAREST: Final = 50
SHORT: Final = 20.0  # seconds for them


@dataclass(frozen=True, slots=True)
class Covering:
    """A test, and the lines of each file that it runs."""

    name: str
    lines: defaultdict[str, set[int]]


def survivors_of(
    drawn: Sequence[Mutant], jobs: int, limit: float, lines: Path | None
) -> list[Mutant]:
    """Run all mutants, each worker in a copy of the tree of its own.

    limit: seconds for one mutant.
    lines: keeps which test runs which lines; read if it is there.
    """
    torch.set_num_threads(1)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        folders = [_copied(Path(work) / str(number)) for number in range(jobs)]
        record = lines or Path(work) / "lines.json"
        is_known = record.exists()
        if not is_known and _in_fork(lambda: _record(folders[0], record), folders[0], None) != 0:
            sys.exit("the tests fail without a mutant")
        tests = _covering(record)
        print(f"{len(tests)} tests: {time.monotonic() - started:.0f} s", flush=True)
        taken, alive = multiprocessing.Value("i", 0), multiprocessing.Array("b", len(drawn))
        workers = []
        for folder in folders:
            worker = _Worker(drawn, tests, folder, limit, os.dup(1), taken, alive)
            child = os.fork()
            if child == 0:
                _end_with(worker.run, folder)
            workers.append(child)
        for child in workers:
            os.waitpid(child, 0)
        if taken.value < 2 * len(drawn):
            sys.exit("a worker died")
        return [mutant for mutant, is_alive in zip(drawn, alive, strict=True) if is_alive]


def _copied(folder: Path) -> Path:
    left_out = shutil.ignore_patterns(".*", "__pycache__", "docs")
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process that has collected all tests, and takes mutants until there are no more.

    out: where to print.
    taken: how many runs the workers have begun, two for each mutant.
    alive: for each, whether it survived.
    """

    drawn: Sequence[Mutant]
    tests: Sequence[Covering]
    folder: Path
    limit: float
    out: int
    taken: "Synchronized[int]"
    alive: "multiprocessing.sharedctypes.SynchronizedArray[int]"

    def run(self) -> int:
        """Collect the tests; then `pytest_runtestloop` below runs them."""
        sys.dont_write_bytecode = True  # what a mutant is compiled to must not be kept
        return int(pytest.main([*QUIET, *TESTS], plugins=[self]))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {each.nodeid: each for each in session.items}
        gc.freeze()
        # First the nearest tests for all: they kill most. Then all others, for what is left.
        while (number := self._next()) < 2 * len(self.drawn):
            is_second, at = divmod(number, len(self.drawn))
            names = [each for each in _near(self.drawn[at], self.tests) if each in items]
            if not is_second:
                code = self._run(self.drawn[at], names[:NEAREST], items, SHORT)
                self.alive[at] = code in {0, None}
            elif self.alive[at]:
                self.alive[at] = self._run(self.drawn[at], names, items, self.limit) == 0
        return True

    def _next(self) -> int:
        with self.taken.get_lock():
            self.taken.value += 1
            return self.taken.value - 1

    def _run(
        self,
        mutant: Mutant,
        names: Sequence[str],
        items: Mapping[str, pytest.Item],
        limit: float,
    ) -> int | None:
        started = time.monotonic()
        path = self.folder / mutant.path
        path.write_text(ast.unparse(mutant.tree), encoding="utf-8")
        is_quick = is_of_functions(mutant)

        def test() -> int:
            return self._patched(mutant, names, items) if is_quick else _anew(names)

        try:
            code = _in_fork(test, self.folder, limit)
        finally:
            shutil.copy2(ROOT / mutant.path, path)
        end = {0: "survived", 1: "killed", None: "too long"}.get(code, f"FAULT {code}")
        text = f"{end:9} {time.monotonic() - started:4.0f} s, of {len(names):4} tests  {mutant}\n"
        os.write(self.out, text.encode())
        return code

    def _patched(
        self, mutant: Mutant, names: Sequence[str], items: Mapping[str, pytest.Item]
    ) -> int:
        try:
            put_in(mutant, self.folder)
        except ValueError:  # an inner function no longer uses a variable of the outer one
            return _anew(names)
        chosen = [items[each] for each in names]
        for item, following in zip(chosen, [*chosen[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if item.session.testsfailed:
                return 1
        return 0


def is_of_functions(mutant: Mutant) -> bool:
    """Whether nothing is changed of what runs as the file is imported."""
    text = (ROOT / mutant.path).read_text(encoding="utf-8")
    before, after = (compile(each, mutant.path, "exec") for each in (ast.parse(text), mutant.tree))
    return _imported(before) == _imported(after)


def _imported(code: CodeType) -> list[tuple[object, ...]]:
    """What a module and its classes run, without their functions."""
    found: list[tuple[object, ...]] = [
        (code.co_code, code.co_names, *(each for each in code.co_consts if not _is_code(each)))
    ]
    for each in code.co_consts:
        if isinstance(each, CodeType) and not each.co_flags & inspect.CO_OPTIMIZED:
            found += _imported(each)
    return found


def _is_code(value: object) -> bool:
    return isinstance(value, CodeType)


def put_in(mutant: Mutant, folder: Path) -> None:
    """Exchange the code of all functions of the file."""
    path = str(folder / mutant.path)
    codes = {_key(each): each for each in _all_codes(compile(mutant.tree, path, "exec"))}
    gc.unfreeze()
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename == path:
            each.__code__ = codes.get(_key(each.__code__), each.__code__)


def _key(code: CodeType) -> tuple[object, ...]:
    """Two lambdas of a line differ in their arguments and names, or are of one function."""
    return code.co_qualname, code.co_firstlineno, code.co_varnames


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _all_codes(each)


def _near(mutant: Mutant, tests: Sequence[Covering]) -> list[str]:
    """The tests that run the line; those that run the fewest others come first, slow ones last."""
    lines = range(mutant.line, mutant.last + 1)
    near = [each.name for each in tests if not each.lines[mutant.path].isdisjoint(lines)]
    # What runs as the file is imported belongs to no test.
    return near or [each.name for each in tests if each.lines[mutant.path]]


def _anew(names: Sequence[str]) -> int:
    """Run tests in a process of their own, in this order."""
    files = dict.fromkeys(name.partition("::")[0] for name in names)
    command = [sys.executable, __file__, json.dumps(names), *QUIET, *files]
    process = subprocess.run(command, check=False)
    return min(process.returncode, 1)


class _Chosen:
    """A plugin of pytest: only these tests run, in this order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._order = {name: at for at, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (each for each in items if each.nodeid in self._order),
            key=lambda each: self._order[each.nodeid],
        )


class _Recorder:
    """A plugin of pytest: each test is a context of its own for coverage."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._measured.switch_context(nodeid)


def _record(folder: Path, record: Path) -> int:
    """Run all tests without a mutant, and write which lines each of them runs."""
    measured = coverage.Coverage(data_file=None, include=[f"{folder}/einlint/*"])
    measured.start()
    code = int(pytest.main([*QUIET, *TESTS], plugins=[_Recorder(measured)]))
    measured.stop()
    data = measured.get_data()
    lines = {
        Path(file).relative_to(folder).as_posix(): data.contexts_by_lineno(file)
        for file in data.measured_files()
    }
    record.write_text(json.dumps(lines))
    return code


def _covering(record: Path) -> list[Covering]:
    found: dict[str, Covering] = {}
    for path, lines in json.loads(record.read_text()).items():
        for line, names in lines.items():
            for name in filter(None, names):
                found.setdefault(name, Covering(name, defaultdict(set))).lines[path].add(int(line))

    def cost(test: Covering) -> tuple[bool, int, str]:
        return test.name.startswith(SLOW), sum(map(len, test.lines.values())), test.name

    return sorted(found.values(), key=cost)


def _in_fork(test: Callable[[], int], folder: Path, limit: float | None) -> int | None:
    """The exit code of the tests in a fork of this process; None if they take longer."""
    child = os.fork()
    if child == 0:
        _end_with(test, folder)
    end = time.monotonic() + (limit or float("inf"))
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
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
    sys.exit(pytest.main(sys.argv[2:], plugins=[_Chosen(json.loads(sys.argv[1]))]))
