"""The sizes that `einlint verify` takes: those of --size, of the code, of presets."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import called, write
from tests.cli.test_notebooks import notebook
from tests.conftest import ROOT

pytest.importorskip("torch")

DRY_RUN = ("verify", "--isolated", "--dry-run", "--no-backward")
IMPORT = "import torch\n"


def results(*arguments: str, cwd: Path) -> list[dict[str, Any]]:
    done = called(*DRY_RUN, "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout)["results"])


def first_cases(*arguments: str, cwd: Path) -> dict[str, dict[str, Any]]:
    """The first case of each rewrite, by the place of its first call."""
    return {_place(each["sites"][0]): each["cases"][0] for each in results(*arguments, cwd=cwd)}


def _place(site: dict[str, Any]) -> str:
    cell = f"cell {site['cell']}:" if "cell" in site else ""
    return f"{site['filename']}:{cell}{site['row']}"


def from_code(case: dict[str, Any]) -> list[int]:
    """The sizes of a case that are all known from the code."""
    assert set(case["sizes_from"].values()) == {"code"}
    assert "preset" not in case
    return list(case["sizes"].values())


def test_the_notebook_that_comes_with_the_project_is_measured_at_its_sizes() -> None:
    found = results("fixtures/notebooks/einsum_basics.ipynb", cwd=ROOT)
    assert {each["equation"]: from_code(each["cases"][0]) for each in found} == {
        "i,i->": [5],
        "i,j->ij": [5, 7],
        "ij,j->i": [3, 4],
        "ik,kj->ij": [3, 4, 6],
        "bij,bjk->bik": [8, 3, 4, 6],
        "bhqd,bhkd->bhqk": [64, 8, 20, 64, 30],
        "bhqk,bhkd->bhqd": [64, 8, 20, 30, 64],
    }
    assert all(each["cases"][1]["preset"] == "typical" for each in found)
    assert all(len(each["cases"]) == 2 for each in found)


def test_a_notebook_with_sizes_in_names_and_in_other_cells(tmp_path: Path) -> None:
    cells = (
        "import torch",
        "B, M, K, N = 128, 64, 64, 64",
        'x = torch.rand(512, 512)\ny = torch.rand(512, 512)\nz = torch.einsum("ik,kj->ij", x, y)',
        "a = torch.randn(B, M, K)\nb = torch.randn(B, K, N)",
        'c = torch.einsum("bmk,bkn->bmn", a, b)',
        "q = torch.randn(64, 8, 20, 64)\nk = torch.randn(64, 8, 64, 64)\n"
        's = torch.einsum("bhqd,bhkd->bhqk", q, k)',
    )
    write(tmp_path, {"a.ipynb": notebook(*cells)})
    found = first_cases(cwd=tmp_path)
    assert {place: from_code(case) for place, case in found.items()} == {
        "a.ipynb:cell 3:3": [512, 512, 512],
        "a.ipynb:cell 5:1": [128, 64, 64, 64],
        "a.ipynb:cell 6:3": [64, 8, 20, 64, 64],
    }


LAYER = """import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(512, 256)
        self.weight = nn.Parameter(torch.randn(256, 64))

    def forward(self, x):
        return torch.einsum("bnd,de->bne", self.proj(x), self.weight)
"""


def test_sizes_of_layers_and_what_is_assumed_beside_them(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LAYER})
    small, typical, _ = results(cwd=tmp_path)[0]["cases"]
    assert small["sizes"] == {"b": 32, "n": 32, "d": 256, "e": 64}
    assert small["sizes_from"] == {"b": "preset", "n": "preset", "d": "code", "e": "code"}
    assert (small["preset"], typical["preset"]) == ("small", "typical")
    text = called(*DRY_RUN, cwd=tmp_path).stdout.decode()
    assert "  code, b=32 n=32 assumed (preset small)  " in text
    assert "  preset typical  " in text


BROADCASTS = """import torch


def scores(q, k):
    k = k.unsqueeze(1)
    return torch.einsum("bhqd,bhkd->bhqk", q, k)


left = torch.randn(1, 64)
right = torch.randn(4096, 64)
out = torch.einsum("bi,bi->bi", left, right)
"""


def test_a_batch_axis_that_broadcasts_is_measured_as_it_stands(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BROADCASTS})
    found = first_cases(cwd=tmp_path)
    assert found["a.py:6"]["shapes"] == [[8, 8, 32, 32], [8, 1, 32, 32]]
    assert found["a.py:11"]["shapes"] == [[1, 64], [4096, 64]]
    text = called(*DRY_RUN, cwd=tmp_path).stdout.decode()
    assert "  b=4096 i=64 (1x64, 4096x64)  code  " in text
    assert "  code, b=8 h=8 q=32 d=32 k=32 assumed (preset small)  " in text


def test_what_the_code_shows_is_really_run(tmp_path: Path) -> None:
    """The shapes of the case are those of the operands: one size more or less would raise."""
    call = 'c = torch.einsum("...ij,...jk->...ik", torch.ones(2, 3, 4, 5), torch.ones(3, 5, 6))\n'
    write(tmp_path, {"a.py": IMPORT + call})
    options = ("--preset", "tiny", "--threads", "1", "--no-backward", "--format", "json")
    done = called("verify", "--isolated", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    first, second = json.loads(done.stdout)["results"][0]["cases"]
    assert first["shapes"] == [[2, 3, 4, 5], [3, 5, 6]]
    assert first["speedup"] is not None
    assert (second["sizes"]["..."], second["preset"]) == (2, "tiny")


CALLS = """import torch


def one(a, b):
    return torch.einsum("ij,jk->ik", a, b)


def other(a, b):
    return torch.einsum("ij,jk->ik", a, b)


def outer(u, v):
    return torch.einsum("i,j->ij", u, v)
"""


@pytest.mark.parametrize("place", ["src/train.py:5", "train.py:5", "./src/train.py:5", "{here}:5"])
def test_sizes_for_one_call(tmp_path: Path, place: str) -> None:
    write(tmp_path, {"src/train.py": CALLS})
    place = place.format(here=tmp_path / "src" / "train.py")
    options = ("--size", f"{place}:i=3,j=4,k=5", "--preset", "tiny", "--size", "k=9")
    product, outer = results(*options, cwd=tmp_path)
    assert [list(each["sizes"].values()) for each in product["cases"]] == [[3, 4, 5], [8, 8, 9]]
    assert [list(each["sizes"].values()) for each in outer["cases"]] == [[8, 8]]
    assert set(product["cases"][0]["sizes_from"].values()) == {"option"}


def test_a_path_as_given_is_that_file_alone(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": CALLS, "src/train.py": CALLS})
    (product, _) = results("--size", "train.py:5:i=3", "--preset", "tiny", cwd=tmp_path)
    assert [each["sizes"]["i"] for each in product["cases"]] == [3, 8]
    (product, _) = results("--size", "src/train.py:5:i=3", "--preset", "tiny", cwd=tmp_path)
    assert [each["sizes"]["i"] for each in product["cases"]] == [3, 8]


@pytest.mark.parametrize("place", ["a.ipynb:cell 2:1", "a.ipynb:2:1"])
def test_sizes_for_a_call_of_a_notebook(tmp_path: Path, place: str) -> None:
    call = 'c = torch.einsum("ij,jk->ik", torch.ones(3, 4), torch.ones(4, 5))'
    write(tmp_path, {"a.ipynb": notebook("import torch", call, call)})
    (product,) = results("--size", f"{place}:i=7", "--preset", "tiny", cwd=tmp_path)
    assert [each["sizes"]["i"] for each in product["cases"]] == [7, 3, 8]
    assert product["cases"][0]["sizes_from"] == {"i": "option", "j": "code", "k": "code"}
    text = called(*DRY_RUN, "--size", f"{place}:i=7", cwd=tmp_path).stdout.decode()
    assert "  i=7 j=4 k=5       --size, code    " in text


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (
            "train.py:6:i=3",
            "--size train.py:6: no call with a fix starts there; the nearest one is at"
            " src/train.py:5",
        ),
        ("src/trian.py:5:i=3", "did you mean `src/train.py:5`?"),
        ("ain.py:5:i=3", "no call with a fix starts there"),
        ("train.py:5:z=3", "--size train.py:5: `ij,jk->ik` has no index `z`"),
        ("train.py:5:12:i=3", "`train.py:5:12` has a column: write FILE:LINE:INDEX=SIZE"),
        ("train.py:5:i=0", "`i=0` is not INDEX=SIZE, as in b=64"),
        ("a.ipynb:5:i=3", "`a.ipynb:5` is no place in a.ipynb: write FILE:CELL:LINE"),
    ],
)
def test_sizes_for_no_call(tmp_path: Path, size: str, message: str) -> None:
    write(tmp_path, {"src/train.py": CALLS})
    done = called(*DRY_RUN, "--size", size, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr.decode().splitlines()[-1]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    calls = (
        f'torch.einsum("ij,jk->ik", torch.ones({n}, 4), torch.ones(4, 5))\n' for n in range(2, 10)
    )
    write(tmp_path, {"a.py": IMPORT + "".join(calls)})
    text = called(*DRY_RUN, cwd=tmp_path).stdout.decode()
    assert "  left out: 2 more cases at sizes that the code shows: --size FILE:LINE:" in text
    done = called(*DRY_RUN, "--format", "json", cwd=tmp_path)
    (left_out,) = json.loads(done.stdout)["summary"]["left_out"]
    assert left_out["text"].startswith("2 more cases")
    page = called(*DRY_RUN, "--format", "html", cwd=tmp_path).stdout.decode()
    assert "left out: ij,jk-&gt;ik: 2 more cases" in page
    assert '<th scope="col"' in page
    assert "preset typical" in page
