"""A newcomer adds a rewrite, a format, a device or an API as the README says, and it works."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import LONGEST, SOURCE
from tests.conftest import ROOT

FORMAT = '''"""The number of findings."""

from einlint.output.format import Format, Report
from einlint.output.paint import Paint


def render(report: Report, paint: Paint) -> str:
    """The number, on one line."""
    return f"{len(report.diagnostics)}\\n"


FORMAT = Format(render)
'''
REWRITE = '''"""`(a * b).sum(-1)`: a row-wise dot product."""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import Multiply, Operand, Sum
from einlint.rewriting.plan import Rewrite, RewritePlan


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """The sum of the product, where both operands have the same axes."""
    left, right = (Operand(n, term) for n, term in enumerate(contraction.equation.inputs))
    if left.labels == right.labels:
        yield RewritePlan(Sum(Multiply(left, right), contraction.roles.contracted), ())


REWRITE = Rewrite(frozenset({ContractionKind.BATCHED_DOT}), build)
'''
ROW = """    Api(
        name="tensorlib.einsum",
        module="tensorlib",
        paths=frozenset({"tensorlib.einsum"}),
        star_modules=frozenset({"tensorlib"}),
    ),
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package, and a source to check."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "einlint", tmp_path / "einlint", ignore=ignored)
    (tmp_path / "a.py").write_text(SOURCE)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The copy on the source, as a process of its own."""
    code = "import sys; sys.path.insert(0, '.'); from einlint.cli.main import main; main()"
    command = [sys.executable, "-c", code, *arguments, "--isolated", "a.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST)


def test_one_new_file_makes_a_format(copy: Path) -> None:
    assert run(copy, "--output-format", "count").returncode == 2
    (copy / "einlint/output/formats/count.py").write_text(FORMAT)
    done = run(copy, "--output-format", "count")
    assert (done.returncode, done.stdout, done.stderr) == (1, "1\n", "")


def test_one_new_file_makes_a_rewrite(copy: Path) -> None:
    (copy / "a.py").write_text("import torch\nx = torch.einsum('bi,bi->b', a, b)\n")
    (copy / "einlint/rewriting/targets/row_sums.py").write_text(REWRITE)
    (found,) = json.loads(run(copy, "--select", "EIN111", "--output-format", "json").stdout)
    assert found["fix"]["edits"][0]["content"] == "(a * b).sum(-1)"


def test_one_new_file_makes_a_device(copy: Path) -> None:
    options = ("verify", "--device", "xpu", "--preset", "tiny", "--no-backward", "--dry-run")
    unknown = run(copy, *options)
    assert (unknown.returncode, "`xpu` is not a device" in unknown.stderr) == (2, True)
    backends = copy / "einlint/verify/backends"
    start = (backends / "mps.py").read_text().replace("torch.backends.mps", "torch.xpu")
    (backends / "xpu.py").write_text(start.replace("mps", "xpu"))
    done = run(copy, *options, "--format", "json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert {case["device"] for case in result["cases"]} == {"xpu"}


def test_one_row_makes_an_api(copy: Path) -> None:
    (copy / "a.py").write_text(SOURCE.replace("torch", "tensorlib"))
    assert run(copy).returncode == 0
    table = copy / "einlint/source/apis.py"
    table.write_text(table.read_text().replace("APIS: Final = (\n", f"APIS: Final = (\n{ROW}"))
    (found,) = json.loads(run(copy, "--output-format", "json").stdout)
    assert (found["code"], found["api"]) == ("EIN105", "tensorlib.einsum")
