"""Settings, traces, reports of verify and baselines: read, or refused by an error that says why."""

import json
from copy import deepcopy
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from einlint.api import fix_source
from einlint.diagnostics import Applicability
from einlint.linting.documents import Script
from einlint.linting.engine import read as read_source
from einlint.linting.findings import Findings
from einlint.linting.trace_index import index_of
from einlint.project.baseline import BaselineError, read_baseline
from einlint.project.configuration import project_in
from einlint.settings import Settings, SettingsError, declared
from einlint.trace.store import TraceError, read
from einlint.unusable import UnusableError
from einlint.verify.machine import machine
from einlint.verify.report import Verdict
from einlint.verify.report_reader import ReportError, read_report
from tests.cli.run import SOURCE, called
from tests.cli.traces import HEAD, row
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.sources import damaged

CALL = 'torch.einsum("bhqd,bhkd->bhqk", q, k)'
WORDS = st.sampled_from(
    [
        *(
            "EIN104",
            "EIN1",
            "ALL",
            "",
            "einsum",
            "*",
            "[",
            "!a/",
            "T",
            "ij,jk->ik",
            "~/",
            "\0",
            "cpu",
        ),
        *("equal-sizes", "not-slower", "torch.bmm", "matmul", "lib.einsum", "\udc80", "\x1b[0m"),
    ]
)
SCALARS = (
    *(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), WORDS),
    *(st.text("aE1/*[]!\\", max_size=9), st.integers(-1, 5)),
)
VALUES = st.recursive(
    st.one_of(*SCALARS),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(WORDS, each, max_size=3),
    max_leaves=6,
)


@st.composite
def altered(draw: DrawFn, content: Any) -> Any:
    """The JSON value with some parts replaced, removed or added."""
    changed = deepcopy(content)
    for _ in range(draw(st.integers(0, 3))):
        at: Any = changed
        while isinstance(at, (list, dict)) and at:
            key = draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
            if not isinstance(at[key], (list, dict)) or not at[key] or not draw(st.integers(0, 3)):
                if draw(st.integers(0, 4)):
                    at[key] = draw(VALUES)
                else:
                    del at[key]
                break
            at = at[key]
    return changed


def written(content: Any) -> bytes:
    return json.dumps(content).encode(errors="surrogatepass")


def explains(error: Exception, path: Path) -> None:
    """The message names the file, or is about a setting from another layer."""
    assert path.name in str(error) or isinstance(error, SettingsError), error


def toml(value: Any) -> str:
    """A value of TOML, as JSON writes it but for tables; null makes the file unreadable."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


def test_settings(fuzzer: Fuzzer, tmp_path: Path) -> None:
    path = tmp_path / "einlint.toml"
    keys = st.sampled_from([*declared(), "extend", "selekt"])
    tables = st.dictionaries(keys, VALUES | st.lists(WORDS, max_size=3), max_size=4)
    text = tables.map(lambda each: "".join(f"{key} = {toml(each[key])}\n" for key in each))
    data = text.map(lambda each: each.encode(errors="surrogatepass"))

    def check(data: bytes) -> None:
        path.write_bytes(data)
        try:
            project = project_in(path, str(tmp_path))
            fix_source(SOURCE, settings=project.settings, unsafe=True)
            assert project.excluded.match_within(f"{tmp_path}/a.py", str(tmp_path)) in (True, False)
            project.ignored_in(f"{tmp_path}/a.py")
        except UnusableError as error:
            explains(error, path)

    fuzzer.run(0.1, data | damaged(data), check)


def test_settings_at_the_command_line(fuzzer: Fuzzer, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    options = ("--select", "--ignore", "--exclude", "--extend-exclude", "--stdin-filename")
    given = st.lists(st.tuples(st.sampled_from(options), WORDS | st.text(max_size=5)), max_size=3)

    def check(given: list[tuple[str, str]]) -> None:
        done = called(*(f"{name}={value}" for name, value in given), "a.py", cwd=tmp_path)
        assert done.returncode in (0, 1, 2)
        assert b"Traceback" not in done.stderr

    fuzzer.run(0.03, given, check)


def test_traces(fuzzer: Fuzzer, tmp_path: Path) -> None:
    file, path = tmp_path / "a.py", tmp_path / "einlint-trace.jsonl"
    file.write_text(SOURCE)
    shapes = ([8, 2, 16, 4], [8, 2, 16, 4])
    rows = [
        row(file, CALL, *shapes, calls=9),
        row(file, CALL, [1, [2, 5], None, 4], [1, 2, 3, 4]),
        {**row(file, CALL, *shapes), "operands": None, "raised": 3, "raised_seconds": 0.5},
    ]
    contents = altered([HEAD, *rows])
    data = contents.map(lambda each: b"\n".join(map(written, each)))
    settings = Settings(trust_trace=True, pedantic=True)

    def check(data: bytes) -> None:
        path.write_bytes(data)
        try:
            index = index_of(read(path), "torch.einsum")
        except TraceError as error:
            explains(error, path)
            return
        source = read_source(str(file), SOURCE.encode(), settings)
        assert not isinstance(source, Findings)
        script = Script(source, index.of(str(file)))
        assert script.check(settings) == script.check(settings)
        change = script.fix(settings, Applicability.UNSAFE)
        assert change.text.startswith(SOURCE.partition("return")[0])

    fuzzer.run(0.1, data | damaged(data), check)


def test_reports(fuzzer: Fuzzer, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    pair = {"equation": "bhqd,bhkd->bhqk", "replacement": "q @ k.transpose(-2, -1)"}
    cases = [{"verdict": "faster"}, {"verdict": "same"}]
    report = {
        "environment": {**machine(), "torch": _torch()},
        "results": [{**pair, "original": CALL, "cases": cases}],
        "summary": {"not_run": [pair]},
    }
    data = altered(report).map(written)

    def check(data: bytes) -> None:
        path.write_bytes(data)
        try:
            verified = read_report(path, Verdict.SAME)
        except ReportError as error:
            explains(error, path)
            return
        source = read_source("a.py", SOURCE.encode(), Settings())
        assert not isinstance(source, Findings)
        Script(source).fix(Settings(), Applicability.UNSAFE, verified)

    fuzzer.run(0.05, data | damaged(data), check)


def test_baselines(fuzzer: Fuzzer, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    done = called("baseline", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = (each for each in tmp_path.iterdir() if each.name != "a.py")
    data = altered(json.loads(path.read_bytes())).map(written)

    def check(data: bytes) -> None:
        path.write_bytes(data)
        try:
            read_baseline(path)
        except BaselineError as error:
            explains(error, path)

    fuzzer.run(0.05, data | damaged(data), check)


def _torch() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:
        return "2.0"
