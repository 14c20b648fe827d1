"""`functions`: the user's own wrappers of einsum, found through imports."""

import json
from pathlib import Path

import pytest

from tests.cli.run import called, findings, write
from tests.test_flake8 import codes

CALL = '("ij,jk->ik", a, b)\n'
SOURCE = f"from mylib.ops import contract\n\nx = contract{CALL}"
FIXED = "from mylib.ops import contract\n\nx = a @ b\n"


def configure(folder: Path, more: str = "") -> None:
    write(folder, {"einlint.toml": f'functions = ["mylib.einsum", "mylib.ops.contract"]\n{more}'})


@pytest.mark.parametrize(
    ("source", "api"),
    [
        (f"from mylib import einsum as e\nx = e{CALL}", "mylib.einsum"),
        (f"import mylib as m\nx = m.einsum{CALL}", "mylib.einsum"),
        (f"import mylib\nx = mylib.einsum{CALL}", "mylib.einsum"),
        (f"from mylib import *\nx = einsum{CALL}", "mylib.einsum"),
        (f"import mylib.ops\nx = mylib.ops.contract{CALL}", "mylib.ops.contract"),
        (f"from mylib import ops as o\nf = o.contract\nx = f{CALL}", "mylib.ops.contract"),
        (f"from mylib.ops import *\nx = contract{CALL}", "mylib.ops.contract"),
        (f"import torch\nx = torch.einsum{CALL}", "torch.einsum"),
    ],
)
def test_a_wrapper_is_found_through_imports(tmp_path: Path, source: str, api: str) -> None:
    configure(tmp_path)
    write(tmp_path, {"a.py": source})
    assert [(each["code"], each["api"]) for each in findings(cwd=tmp_path)] == [("EIN104", api)]


@pytest.mark.parametrize(
    "source",
    [
        f"from other import einsum\nx = einsum{CALL}",
        f"def contract(*a): ...\nx = contract{CALL}",
        f"from mylib import *\nfrom other import *\nx = einsum{CALL}",
        f"from mylib.ops import contract\nfrom other import *\nx = contract{CALL}",
        f"from .ops import contract\nx = contract{CALL}",
    ],
)
def test_what_may_be_another_function_is_left_alone(tmp_path: Path, source: str) -> None:
    configure(tmp_path)
    write(tmp_path, {"a.py": source})
    assert findings(cwd=tmp_path) == []


@pytest.mark.parametrize(
    ("filename", "source", "is_found"),
    [
        ("src/mylib/a.py", "from .ops import contract\n", True),
        ("src/mylib/__init__.py", "from .ops import contract\n", True),
        ("src/mylib/nn/a.py", "from ..ops import contract\n", True),
        ("src/mylib/nn/a.py", "from .. import ops\ncontract = ops.contract\n", True),
        ("mylib/ops/a.py", "from . import contract\n", True),
        ("src/mylib/nn/a.py", "from .ops import contract\n", False),
        ("src/mylib/nn/a.py", "from ...ops import contract\n", False),
        ("src/mylib/a.py", "from . import contract\n", False),
        ("other/nn/a.py", "from ..ops import contract\n", False),
    ],
)
def test_a_relative_import_is_followed_where_the_folders_tell(
    tmp_path: Path, filename: str, source: str, is_found: bool
) -> None:
    configure(tmp_path)
    write(tmp_path, {filename: f"{source}x = contract{CALL}"})
    assert [each["code"] for each in findings(cwd=tmp_path)] == ["EIN104"] * is_found
    here = (tmp_path / filename).parent
    assert [each["code"] for each in findings("--", ".", cwd=here)] == ["EIN104"] * is_found


@pytest.mark.parametrize(
    ("filename", "source", "is_found"),
    [
        ("src/mylib/ops.py", "def contract(*a): ...\n", True),
        ("src/mylib/ops/__init__.py", "def contract(*a): ...\n", True),
        ("mylib/ops.py", "contract = library.einsum\n", True),
        ("mylib/ops.py", "from .fast import contract\n", True),
        ("mylib/ops.py", "def contract(*a): ...\ndef contract(*b): ...\n", False),
        ("mylib/ops.py", "from .fast import *\ndef contract(*a): ...\n", False),
        ("mylib/ops.py", "def f(contract):\n    return contract\n", False),
        ("mylib/other.py", "def contract(*a): ...\n", False),
        ("other/ops.py", "def contract(*a): ...\n", False),
    ],
)
def test_a_wrapper_is_found_where_it_is_defined(
    tmp_path: Path, filename: str, source: str, is_found: bool
) -> None:
    configure(tmp_path)
    write(tmp_path, {filename: f"{source}x = contract{CALL}\ndef g(contract):\n  contract{CALL}"})
    found = [(each["code"], each["api"]) for each in findings(cwd=tmp_path)]
    assert found == [("EIN104", "mylib.ops.contract")] * is_found


def test_the_fix_is_unsafe_until_the_wrapper_is_said_to_be_plain(tmp_path: Path) -> None:
    configure(tmp_path)
    write(tmp_path, {"a.py": SOURCE})
    (found,) = findings("--fix", cwd=tmp_path)
    assert found["fix"]["applicability"] == "unsafe"
    missing = [each["name"] for each in found["fix"]["assumptions"] if not each["granted"]]
    assert missing == ["plain-einsum"]
    assert called("--fix", "--unsafe-fixes", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == FIXED
    configure(tmp_path, 'extend-assume = ["plain-einsum"]\n')
    write(tmp_path, {"a.py": SOURCE})
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == FIXED


def test_an_arrow_is_no_safe_fix_of_a_wrapper(tmp_path: Path) -> None:
    configure(tmp_path)
    write(tmp_path, {"a.py": SOURCE.replace("->ik", "")})
    (found,) = findings("--select", "EIN006", cwd=tmp_path)
    assert found["fix"]["applicability"] == "unsafe"


def test_the_result_of_a_wrapper_proves_nothing(tmp_path: Path) -> None:
    configure(tmp_path, "assume = []\n")
    source = (
        "import torch\nfrom mylib import einsum\n"
        "y = einsum('ij,jk->ik', torch.ones(2, 3), torch.ones(3, 4))\n"
        "x = torch.einsum('ij,jk->ik', y, torch.ones(4, 5))\n"
    )
    write(tmp_path, {"a.py": source, "b.py": source.replace("mylib", "torch")})
    found = [each["fix"]["applicability"] for each in findings(cwd=tmp_path)]
    assert found == ["unsafe", "unsafe", "safe", "safe"]


def test_cells_and_flake8_know_the_names_too(tmp_path: Path) -> None:
    configure(tmp_path)
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    book = {"cells": [cell | {"source": SOURCE}], "metadata": {}, "nbformat": 4}
    write(tmp_path, {"a.ipynb": json.dumps(book | {"nbformat_minor": 4}), "b.py": SOURCE})
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["a.ipynb", "b.py"]
    assert codes("--isolated", "--select", "EIN", cwd=tmp_path) == []
    configure(tmp_path, 'assume = ["equal-sizes", "ranks-fit", "plain-einsum"]\n')
    assert codes("--isolated", "--select", "EIN", cwd=tmp_path) == ["EIN104"]


def test_what_cannot_be_read_and_mentions_a_function_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "contract(\n"})
    assert findings(cwd=tmp_path) == []
    configure(tmp_path)
    (found,) = findings(cwd=tmp_path)
    assert "mentions einsum, or the name of a function, and Python 3." in found["message"]


def test_a_name_beyond_ascii_is_found_in_any_encoding(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": 'functions = ["mylib.größe"]\n'})
    source = f"# coding: latin-1\nfrom mylib import größe\nx = größe{CALL}"
    (tmp_path / "a.py").write_bytes(source.encode("latin-1"))
    assert [each["api"] for each in findings(cwd=tmp_path)] == ["mylib.größe"]


def test_verify_runs_torch_for_a_wrapper(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    configure(tmp_path)
    write(tmp_path, {"a.py": SOURCE})
    options = ("--dry-run", "--preset", "tiny", "--no-backward", "--format", "json")
    done = called("verify", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result["original"] == "torch.einsum('ij,jk->ik', a, b)"
    assert result["replacement"] == "a @ b"


@pytest.mark.parametrize("name", ["einsum", "", "mylib.", "mylib.my einsum", "mylib.class", ".e"])
def test_what_is_no_dotted_name_exits_with_two(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"einlint.toml": f'functions = ["{name}"]\n', "a.py": SOURCE})
    done = called(cwd=tmp_path)
    message = f'{tmp_path}/einlint.toml: `functions` needs dotted names, as in "mylib.einsum", not'
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{message} {name!r}" in done.stderr.decode()
