"""A newcomer adds a rewrite, a format, a device or an API as the README says, and it works."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import LONGEST, SOURCE
from tests.conftest import ROOT
from tests.new_files import copy_of_the_project
from tests.new_files import run as run_module
from tests.output.formats.readers import reader_of

FORMAT = '''"""A table with tabs between its columns."""

from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.records import record_of


def render(report: Report, paint: Paint) -> str:
    """One line a finding."""
    records = [record_of(each, report.map(each)) for each in report.diagnostics]
    return "".join(
        f"{each['filename']}\\t{each['cell']}\\t{each['code']}"
        f"\\t{each['location']['row']}\\t{each['location']['column']}\\t{each['message']}\\n"
        for each in records
    )


FORMAT = Format(render)
'''
READER = '''"""A table with tabs between its columns."""

from tests.output.formats.readers import Place, Reader


def read(text: str) -> list[Place]:
    return [place(*line.split("\\t")[:5]) for line in text.splitlines()]


def place(name: str, cell: str, code: str, row: str, column: str) -> Place:
    where = name if cell == "None" else f"{name}:cell {cell}"
    return Place(where, code, (int(row), int(column)))


READER = Reader(read, has_notes=False)
'''
REWRITE = '''"""`(a * b).sum(-1)`: a row-wise dot product."""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.expression import Multiply, Sum
from einlint.rewriting.plan import Rewrite, RewritePlan


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """The sum of the product, where both operands have the same axes."""
    left, right = contraction.operands
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


def test_two_new_files_make_a_format(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    (project / "einlint/output/formats/tabs.py").write_text(FORMAT)
    (project / "a.py").write_text(SOURCE)
    done = run(project, "--output-format", "tabs")
    assert done.stdout.startswith("a.py\tNone\tEIN105\t5\t12\t`bhqd"), done.stderr
    (project / "tests/output/formats/test_tabs.py").write_text(READER)
    tests = ("tests/output/formats", "tests/cli", "tests/rules/test_sizes.py")
    selected = "tabs or rows_in_every_format"
    tested = run_module(project, "pytest", "-q", "-n0", *tests, "-k", selected)
    assert tested.returncode == 0, tested.stdout


def test_a_format_without_its_file_of_tests_fails_with_the_name_of_that_file() -> None:
    with pytest.raises(
        AssertionError, match=r"tests/output/formats/test_tabs\.py has to define a Reader"
    ):
        reader_of("tabs")


def test_one_new_file_makes_a_rewrite(copy: Path) -> None:
    (copy / "a.py").write_text("import torch\nx = torch.einsum('bi,bi->b', a, b)\n")
    (copy / "einlint/rewriting/targets/row_sums.py").write_text(REWRITE)
    (found,) = json.loads(run(copy, "--pedantic", "--output-format", "json").stdout)
    assert found["fix"]["edits"][0]["content"] == "(a * b).sum(-1)"


def test_one_new_file_makes_a_device(copy: Path) -> None:
    options = ("verify", "--device", "xpu", "--preset", "tiny", "--no-backward", "--dry-run")
    unknown = run(copy, *options)
    assert (unknown.returncode, "`xpu` is not a known device" in unknown.stderr) == (2, True)
    backends = copy / "einlint/verify/running/backends"
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
