"""Code that is timed or profiled: replacing a call there would change what is measured."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.names import called_name, given_values, last_name
from einlint.source.reach import Reach
from einlint.source.scopes import ImportBinding, OpaqueBinding, ValueBinding

TIMED_CELL: Final = "%%"
"""The string before and after the code of a timed notebook cell."""

# Functions that time the function they get: of timeit, torch, triton, pytest and others.
_TIMER: Final = re.compile(
    r"(do_)?bench(mark)?(_\w+)?|time_?it|Timer|pedantic|blocked_autorange"
    r"|(time|profile|measure)_(fn|func|function|call|op|kernel|time|latency|speed|model)"
)
_DECORATORS: Final = frozenset({"profile", "timeit", "timed", "timer", "benchmark"})
# What asv calls the methods of its suites.
_MEASURED: Final = ("time_", "timeraw_", "peakmem_")
_SPANS: Final = frozenset(
    {"record_function", "profile", "Profile", "emit_nvtx", "emit_itt", "Timer", "timer"}
    | {"FlopCounterMode", "cuda_timer", "annotate"}
)
_CLOCKS: Final = frozenset(
    {f"time.{name}" for name in ("time", "perf_counter", "monotonic", "process_time")}
    | {f"time.{name}_ns" for name in ("time", "perf_counter", "monotonic", "process_time")}
    | {"time.thread_time", "timeit.default_timer", "datetime.datetime.now"}
    | {f"torch.cuda.nvtx.{name}" for name in ("range_push", "range_pop")}
    | {f"torch.cuda.{name}" for name in ("reset_peak_memory_stats", "max_memory_allocated")}
)
_COUNTING: Final = frozenset({"range", "trange"})
# Two clock readings with more lines between them time a program, not a call.
_FARTHEST: Final = 25


def where_time_is_taken(bound: BoundModule, *, is_notebook: bool) -> set[ast.AST]:
    """The nodes between two readings of a clock, and those that a timer runs.

    Between two readings, functions and objects that are called do not count: timing an epoch does
    not measure the model. What is passed to a timer counts, with everything that it calls.
    """
    around = Reach(bound, follows=False, objects=False)
    around.run(_timed_blocks(bound))
    around.run(_timed_cells(bound.tree.body) if is_notebook else ())
    handed = Reach(bound)
    for call in bound.calls_of({*filter(_TIMER.fullmatch, bound.named(ast.Call))}):
        values = given_values(call)
        handed.hand(values)
        handed.run(_named_in_strings(values, bound))
    handed.run(_timed_magics(bound) if is_notebook else ())
    given = Reach(bound, objects=False)
    for user in around.users:  # a function that calls its parameter between two readings is a timer
        given.use(user)
    return around.covered | handed.covered | given.covered


def _timed_blocks(bound: BoundModule) -> Iterator[ast.stmt]:
    """Statements in the `with` of a profiler, in profiled functions, and between readings."""
    for node in bound.with_statements():
        if any(_is_span(item.context_expr, bound) for item in node.items):
            yield from node.body
    for function in bound.functions():
        decorators = {called_name(each) for each in function.decorator_list}
        is_measured = isinstance(
            bound.parents[function], ast.ClassDef
        ) and function.name.startswith(_MEASURED)
        if is_measured or decorators & (_DECORATORS | _SPANS):
            yield from function.body
    yield from _between_readings(bound)


def _is_span(context: ast.expr, bound: BoundModule) -> bool:
    if isinstance(context, ast.Name):
        bindings = bound.scopes[context].lookup(context.id)
        values = [each.value for each in bindings if isinstance(each, ValueBinding)]
        return any(isinstance(each, ast.Call) and called_name(each) in _SPANS for each in values)
    is_range = called_name(context) == "range" and "nvtx" in ast.dump(context)
    return isinstance(context, ast.Call) and (called_name(context) in _SPANS or is_range)


def _between_readings(bound: BoundModule) -> Iterator[ast.stmt]:
    """The statements between two successive clock readings in one block."""
    readings = _readings(bound)
    for block in {bound.parents[each]: None for each in readings}:
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(block, name, ())
            if isinstance(statements, list):
                yield from _between(statements, readings)


def _between(statements: Sequence[ast.stmt], readings: set[ast.stmt]) -> Iterator[ast.stmt]:
    waiting: list[ast.stmt] | None = None
    start = 0
    for statement in statements:
        if statement in readings:
            if waiting and statement.lineno - start <= _FARTHEST:
                yield from _without_data(waiting)
            waiting, start = [], statement.end_lineno or statement.lineno
        elif waiting is not None:
            waiting.append(statement)


def _without_data(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements without loops over data; loops that only repeat, as over `range`, stay."""
    for each in statements:
        match each:
            case ast.For(iter=ast.Call() as iterated, body=body):
                if called_name(iterated) in _COUNTING or _counts(iterated):
                    yield from _without_data(body)
            case ast.For() | ast.AsyncFor() | ast.While():
                continue
            case ast.With(body=body) | ast.If(body=body, orelse=[]):
                yield from _without_data(body)
            case _:
                yield each


def _counts(iterated: ast.Call) -> bool:
    """`tqdm(range(n))`, `itertools.repeat(None, n)`."""
    of_range = any(isinstance(each, ast.Call) and _counts(each) for each in iterated.args)
    return called_name(iterated) in _COUNTING | {"repeat"} or of_range


def _readings(bound: BoundModule) -> set[ast.stmt]:
    """The statements that read a clock, directly or by a function that returns a reading."""
    calls = bound.of_kind(ast.Call)
    names = bound.named(ast.Call).keys() & _names_of_clocks(bound)
    if "Event" not in names:
        names.discard("record")
    found = [call for call in bound.calls_of(names) if _reads(call, bound)]
    own = {_returned_by(call, bound) for call in found} - {None}
    if own:
        found += [call for call in calls if own & {*_functions_called(call, bound)}]
    statements = (_statement(call, bound) for call in found)
    return {each for each in statements if each is not None}


def _names_of_clocks(bound: BoundModule) -> set[str]:
    """The last names that a call of a clock may have, and `Event`, which has a `record`."""
    names = {path.rpartition(".")[2] for path in _CLOCKS} | {"Event", "record"}
    aliases = {
        name
        for scope in bound.all_scopes
        for name, bindings in scope.bindings.items()
        for each in bindings
        if (isinstance(each, ImportBinding) and each.path in _CLOCKS)
        or (isinstance(each, ValueBinding) and last_name(each.value) in names)
    }
    return names | aliases


def _reads(call: ast.Call, bound: BoundModule) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "record":
        return len(call.args) < 2
    return dotted_path(call.func, bound.scopes[call]) in _CLOCKS


def _returned_by(call: ast.Call, bound: BoundModule) -> ast.AST | None:
    """The function that returns the result of this call."""
    parent = bound.parents[call]
    owner = bound.parents[parent] if isinstance(parent, ast.Return) else None
    return owner if isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _functions_called(call: ast.Call, bound: BoundModule) -> Iterator[ast.AST]:
    if isinstance(call.func, ast.Name):
        for binding in bound.scopes[call].lookup(call.func.id):
            if isinstance(binding, OpaqueBinding):
                yield binding.node


def _statement(node: ast.AST, bound: BoundModule) -> ast.stmt | None:
    """The statement around a node; None if a lambda is between them."""
    current: ast.AST | None = node
    while current is not None and not isinstance(current, (ast.stmt, ast.Lambda)):
        current = bound.parents.get(current)
    return current if isinstance(current, ast.stmt) else None


def _named_in_strings(values: Iterable[ast.expr], bound: BoundModule) -> Iterator[ast.stmt]:
    """The bodies of functions that the statement of a timer names: `Timer("f(x)")`."""
    scope = bound.all_scopes[0]
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            for word in re.findall(r"\w+", value.value):
                for binding in scope.bindings.get(word, ()):
                    node = binding.node if isinstance(binding, OpaqueBinding) else None
                    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        yield from node.body


def _timed_cells(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    is_timed = False
    for each in statements:
        match each:
            case ast.Expr(value=ast.Constant(value=value)) if value == TIMED_CELL:
                is_timed = not is_timed
            case _ if is_timed:
                yield each


def _timed_magics(bound: BoundModule) -> Iterator[ast.AST]:
    """The code behind `%timeit` and `%time`, which the notebook replaced by `if 1:` or `1 and`."""
    for node in bound.of_kind(ast.If):
        is_one_line = node.lineno == node.body[0].lineno
        if isinstance(node.test, ast.Constant) and node.test.value == 1 and is_one_line:
            yield from node.body
    for operator in bound.of_kind(ast.BoolOp):
        first = operator.values[0]
        if isinstance(first, ast.Constant) and first.value == 1:
            yield operator
