"""Measure the attention classes of a package before and after `einlint --fix`, and after EIN202.

    pip download vit-pytorch --no-deps -d DOWNLOADED && unzip DOWNLOADED/*.whl -d SOURCES
    python benchmarks/attention_classes.py SOURCES/vit_pytorch [--only vit,cait] [--compile]

The package is copied three times into a temporary folder, each copy under a name of its own: as it
is, after plain `--fix`, and after the unsafe fixes of EIN202 too. Every class with a finding of
EIN202 that can be fixed, and that takes a size of its features and no more, gets one set of weights
for all three, is compared, and is timed in inference: all sides take turns in one run on one
thread. It prints a Markdown table of CPU milliseconds, peak MiB, and ratios with their 99 %
intervals; then what was not measured, and why. It takes some minutes; nothing is installed.
"""

import argparse
import ast
import importlib
import inspect
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from einlint import Settings, check_source, fix_source
from einlint.verify.report import Speedup
from einlint.verify.running.backends.cpu import BACKEND
from einlint.verify.running.measure import spread
from einlint.verify.timing import Clock, Sampling, sample
from einlint.verify.verdict import speedup_of

VERSIONS: Final = ("before", "fixed", "fused")
_CODE: Final = "EIN202"
_FEATURES: Final = 256
_INPUTS: Final = ((4, 256, _FEATURES), (4, _FEATURES, 16, 16))
# What a module that is used otherwise raises.
_FAILURES: Final = (
    *(RuntimeError, ValueError, TypeError, AssertionError),
    *(LookupError, AttributeError, ImportError),
)
# What else a constructor may need; the heads have 64 features by default.
_GIVEN: Final = {"dim": _FEATURES, "heads": 8, "num_heads": 8, "dim_head": 64, "dropout": 0.0}


@dataclass(frozen=True, slots=True)
class Found:
    """A class of a module of the package, with attention that can be fixed."""

    module: str
    name: str


def fix(text: str, version: str) -> str:
    """The source of a module in one of the three copies."""
    if version == "before":
        return text
    plain = fix_source(text).text
    if version == "fixed":
        return plain
    return fix_source(plain, settings=Settings(select=(_CODE,)), unsafe=True).text


def copied(package: Path, folder: Path) -> None:
    """Copy the package three times, under three names; only what is asked for is imported."""
    for version in VERSIONS:
        name = f"{package.name}_{version}"
        shutil.copytree(package, folder / name)
        for file in sorted((folder / name).rglob("*.py")):
            text = re.sub(rf"\b{package.name}\b", name, file.read_text(encoding="utf-8"))
            file.write_text(fix(text, version), encoding="utf-8")
        (folder / name / "__init__.py").write_text("", encoding="utf-8")


def found_in(package: Path, only: tuple[str, ...]) -> Iterator[Found]:
    """The classes whose attention EIN202 fixes."""
    for file in sorted(package.rglob("*.py")):
        if only and file.stem not in only:
            continue
        text = file.read_text(encoding="utf-8")
        rows = [
            text.count("\n", 0, each.start) + 1
            for each in check_source(text).diagnostics
            if each.code == _CODE and each.fix is not None and each.fix.edits
        ]
        module = ".".join(file.relative_to(package).with_suffix("").parts)
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                last = node.end_lineno or node.lineno
                if any(node.lineno <= row <= last for row in rows):
                    yield Found(module, node.name)


class UnusableError(Exception):
    """A class cannot be measured; the message says why."""


def modules_of(found: Found, package: str) -> list[torch.nn.Module]:
    """One module of each version, all with the same weights."""
    made: list[torch.nn.Module] = []
    for version in VERSIONS:
        try:
            home = importlib.import_module(f"{package}_{version}.{found.module}")
            kind = getattr(home, found.name)
            torch.manual_seed(0)
            made.append(kind(**_arguments(kind)).eval())
        except _FAILURES as error:
            raise UnusableError(f"it is not made: {error}".splitlines()[0]) from error
        made[-1].load_state_dict(made[0].state_dict())
    return made


def _arguments(kind: Any) -> dict[str, object]:
    given = {}
    for name, each in inspect.signature(kind).parameters.items():
        if name in _GIVEN:
            given[name] = _GIVEN[name]
        elif each.default is inspect.Parameter.empty and each.kind is each.POSITIONAL_OR_KEYWORD:
            raise UnusableError(f"`{name}` has no default")
    return given


def input_of(module: torch.nn.Module) -> torch.Tensor:
    """Tokens, or an image, that the module takes."""
    said = ""
    for shape in _INPUTS:
        made = torch.randn(shape, generator=torch.Generator().manual_seed(1))
        try:
            result = module(made)
        except _FAILURES as error:
            said = said or (str(error).splitlines() or [type(error).__name__])[0]
            continue
        if isinstance(result, torch.Tensor):
            return made
        said = said or "it returns more than a tensor"
    raise UnusableError(f"it takes neither tokens nor an image: {said[:80]}")


def row(found: Found, package: str, *, compiles: bool) -> str:
    """One row of the table."""
    sides: list[Any] = list(modules_of(found, package))
    given = input_of(sides[0])
    expected = sides[0](given)
    for side in sides[1:]:
        torch.testing.assert_close(side(given), expected, rtol=1e-3, atol=1e-4)
    if compiles:
        torch.compiler.reset()
        sides += [torch.compile(side, dynamic=False) for side in sides]
    timers = [BACKEND.timer("side(given)", {"side": each, "given": given}, 1) for each in sides]
    sampling = Sampling(timers)
    sample([sampling], lambda: 1.0)
    samples = sampling.samples()
    peaks = BACKEND.peak_bytes([lambda e=each: e(given) for each in sides], torch.device("cpu"))
    times = [spread(each, Clock.CPU) for each in samples]
    cells = [f"{found.module}.{found.name}", "x".join(map(str, given.shape))]
    cells += [f"{1000 * each.median:.2f}" for each in times if each is not None]
    cells += [f"{(each or 0) / 2**20:.1f}" for each in peaks]
    for start in range(0, len(sides), 3):
        for place in (start + 1, start + 2):
            cells.append(_ratio(speedup_of(samples[start], samples[place], Clock.CPU)))
    return f"| {' | '.join(cells)} |"


def _ratio(speedup: Speedup | None) -> str:
    if speedup is None:
        return "-"
    return f"{speedup.median:.2f} ({speedup.low:.2f} to {speedup.high:.2f})"


def print_tables(package: Path, only: tuple[str, ...], *, compiles: bool) -> None:
    """Print what is measured, then what is not."""
    kinds = ("", " compiled")[: 1 + compiles]
    sides = [f"{name}{kind}" for kind in kinds for name in ("before", "--fix", "EIN202")]
    columns = ["class", "input", *(f"{each} ms" for each in sides)]
    columns += [f"{each} MiB" for each in sides]
    columns += [f"before / {name}{kind}" for kind in kinds for name in ("--fix", "EIN202")]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    left = []
    for found in found_in(package, only):
        try:
            print(row(found, package.name, compiles=compiles), flush=True)
        except (UnusableError, AssertionError) as error:
            left.append(f"- {found.module}.{found.name}: {str(error).splitlines()[0]}")
    print("\nNot measured:\n" if left else "", *left, sep="\n")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Attention classes of a package.")
    parser.add_argument("package", type=Path, help="its folder, as in SOURCES/vit_pytorch")
    parser.add_argument("--only", default="", help="modules, separated by commas")
    parser.add_argument("--compile", action="store_true", help="compiled too, which takes longer")
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler prints its start and stop
    package = options.package.resolve()
    only = tuple(filter(None, options.only.split(",")))
    print(f"{package.name}, torch {torch.__version__}, one thread, float32, inference\n")
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        copied(package, Path(folder))
        sys.path.insert(0, folder)
        print_tables(package, only, compiles=options.compile)


if __name__ == "__main__":
    main()
