"""Imports that fixes leave unused: they stay and are named, and --unsafe-fixes takes them out."""

import subprocess
import sys
from pathlib import Path

import pytest

from einlint.api import fix_source
from einlint.source.lines import LineIndex
from tests.cli.run import called, einlint, findings, write
from tests.cli.test_notebooks import notebook

CALL = 'einsum("i,i->", a, b)'
PACKAGE = {
    "torch.py": "def einsum(equation, *operands):\n    return operands\n",
    "ops.py": "from torch import einsum\n\n\ndef product(a, b):\n"
    '    return einsum("ij,jk->ik", a, b)\n',
    "main.py": "from ops import einsum, product\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A file that imports einsum from torch, and one that imports it from there."""
    write(tmp_path, PACKAGE)
    return tmp_path


def ends_well(folder: Path) -> bool:
    done = subprocess.run([sys.executable, "main.py"], cwd=folder, capture_output=True)
    return done.returncode == 0


def test_an_import_that_another_file_may_use_stays_and_is_named(package: Path) -> None:
    done = einlint("--fix", "ops.py", cwd=package)
    assert (done.returncode, done.stderr) == (0, b"unused now: einsum, ops.py:1\n")
    assert (package / "ops.py").read_text().startswith("from torch import einsum\n")
    assert "return a @ b" in (package / "ops.py").read_text()
    assert ends_well(package)
    assert einlint("--fix", "ops.py", cwd=package).stderr == b""  # it is said once


def test_unsafe_fixes_take_it_out(package: Path) -> None:
    done = called("--fix", "--unsafe-fixes", "ops.py", cwd=package)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (package / "ops.py").read_text() == "\n\ndef product(a, b):\n    return a @ b\n"
    assert not ends_well(package)  # which is why it is unsafe


def test_a_diff_shows_what_fix_would_do(package: Path) -> None:
    done = called("--diff", "ops.py", cwd=package)
    assert b"-from torch" not in done.stdout
    assert done.stderr == b"would be unused: einsum, ops.py:1\n1 file would be changed.\n"
    assert b"-from torch" in called("--diff", "--unsafe-fixes", "ops.py", cwd=package).stdout
    assert (package / "ops.py").read_text() == PACKAGE["ops.py"]


def test_machine_formats_standard_input_and_quiet_runs_stay_clean(package: Path) -> None:
    source = PACKAGE["ops.py"].encode()
    fixed = source.replace(b'einsum("ij,jk->ik", a, b)', b"a @ b")
    done = called("--fix", "--stdin-filename", "x.py", "-", cwd=package, stdin=source)
    assert done.stdout == fixed
    unused, applied, summary = done.stderr.splitlines()
    assert unused == b"unused now: einsum, x.py:1"
    assert applied.startswith(b"fixed x.py:")
    assert summary == b"Fixed 1 finding, 0 left."
    assert called("--fix", "-q", "-", cwd=package, stdin=source).stderr == b""
    assert findings("--fix", "--exit-non-zero-on-fix", "ops.py", cwd=package) == []


def test_workers_name_them_in_the_order_of_the_files(package: Path) -> None:
    write(package, {"b.py": PACKAGE["ops.py"], "a.py": f"import torch\nx = torch.{CALL}\n"})
    done = einlint("--fix", "-j", "2", "ops.py", "b.py", "a.py", cwd=package)
    files = ("einsum, ops.py:1", "einsum, b.py:1", "torch, a.py:1")
    assert done.stderr.decode() == "".join(f"unused now: {each}\n" for each in files)


def test_what_could_not_be_written_is_not_named(package: Path) -> None:
    (package / "ops.py").chmod(0o444)
    assert b"unused" not in called("--fix", "ops.py", cwd=package).stderr


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (f"import torch\nx = torch.{CALL}\n", [("torch", 1, 8)]),
        (f"import torch as th\nx = th.{CALL}\n", [("th", 1, 8)]),
        (f"import torch.functional as F\nx = F.{CALL}\n", [("F", 1, 8)]),
        (f"import torch.functional\nx = torch.functional.{CALL}\n", [("torch", 1, 8)]),
        (f"from torch import functional\nx = functional.{CALL}\n", [("functional", 1, 19)]),
        (f"from torch import (\n    nn,\n    einsum,\n)\nx = {CALL}, nn\n", [("einsum", 3, 5)]),
        (f"def f():\n    from torch import einsum\n    return {CALL}\n", [("einsum", 2, 23)]),
        # One that stands below a call of several lines has the line of the fixed text.
        (
            "import torch\nx = torch.einsum(\n    'i,i->', a, b\n)\n"
            f"from torch import einsum\ny = {CALL}, torch\n",
            [("einsum", 3, 19)],
        ),
        # Fixes that need the module keep it in use.
        ('import torch\nx = torch.einsum("ij,ij->", a, b)\n', []),
        (f"import torch, math\nx = torch.{CALL}, torch.pi\n", []),
        # What nobody used before is not our doing.
        (f"import torch, math\nx = torch.{CALL}\n", [("torch", 1, 8)]),
        # Where it is said to be there for others it is no surprise.
        (f"from torch import einsum  # noqa: F401\nx = {CALL}\n", []),
        (f"from torch import einsum\n__all__ = ['einsum']\nx = {CALL}\n", []),
        (f"from torch import einsum as einsum\nx = {CALL}\n", []),
        (f"import torch\nx: 'torch.Tensor' = torch.{CALL}\n", []),
        (f"try:\n    import torch\nexcept ImportError:\n    torch = None\nx = torch.{CALL}\n", []),
        (f"class A:\n    from torch import einsum\n    x = {CALL}\n", []),
    ],
)
def test_what_is_named(source: str, named: list[tuple[str, int, int]]) -> None:
    fixed = fix_source(source)
    lines = LineIndex.of(fixed.text)
    places = ((each.name, lines.position(each.offset)) for each in fixed.unused)
    assert [(name, at.row, at.column) for name, at in places] == named


def test_what_cannot_be_taken_out_cleanly_is_named_with_unsafe_fixes_too() -> None:
    source = f"from torch import einsum\n'no docstring'\nx = {CALL}\n"
    result = fix_source(source, unsafe=True)
    assert result.text.startswith("from torch import einsum\n")
    assert [each.name for each in result.unused] == ["einsum"]


@pytest.mark.parametrize("unsafe", [False, True])
def test_of_a_package_and_of_a_notebook_nothing_is_named(tmp_path: Path, unsafe: bool) -> None:
    """Others import what `__init__.py` imports, and cells live on in the kernel."""
    result = fix_source(PACKAGE["ops.py"], "p/__init__.py", unsafe=unsafe)
    assert (len(result.fixed), result.unused) == (1, ())
    (tmp_path / "n.ipynb").write_text(notebook("from torch import einsum", f"x = {CALL}"))
    options = ("--unsafe-fixes",) if unsafe else ()
    done = called("--fix", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "from torch import einsum" in (tmp_path / "n.ipynb").read_text()
