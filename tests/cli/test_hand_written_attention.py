"""EIN202 as a user sees it: what is reported, what plain --fix does, what silences it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import called, write

HEAD = "import torch\nimport torch.nn.functional as F\n\n\n"
MATMUL = f"""{HEAD}def attention(q, k, v, mask):
    scores = q @ k.transpose(-2, -1)
    scores = scores.masked_fill(mask == 0, -1e9)
    weights = scores.softmax(
        dim=-1
    )
    return weights @ v
"""
RETURNED = MATMUL.replace("return weights @ v", "return weights @ v, weights")
EINSUM = f"""{HEAD}def attention(q, k, v):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * 0.125
    return torch.einsum("bhqk,bhkd->bhqd", scores.softmax(-1), v)
"""
FUSED = f"""{HEAD}def attention(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask != 0, scale=1.0)
"""


def report(folder: Path, text: str, *arguments: str) -> list[dict[str, Any]]:
    write(folder, {"a.py": text})
    found = json.loads(called("--output-format", "json", *arguments, "a.py", cwd=folder).stdout)
    assert isinstance(found, list)
    return found


def test_a_file_without_the_word_einsum_is_read(tmp_path: Path) -> None:
    (found,) = report(tmp_path, MATMUL)
    assert (found["code"], found["severity"]) == ("EIN202", "info")
    assert (found["location"]["row"], found["location"]["column"]) == (6, 14)
    assert found["fix"]["applicability"] == "unsafe"
    names = [each["name"] for each in found["fix"]["assumptions"]]
    assert names == ["last-digits", "same-layout", "no-masked-rows", "mask-fits"]


def test_it_stops_no_commit_unless_all_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MATMUL})
    assert called("a.py", cwd=tmp_path).returncode == 0
    assert called("--pedantic", "a.py", cwd=tmp_path).returncode == 1
    assert called("--select", "EIN202", "a.py", cwd=tmp_path).returncode == 1


def test_what_stands_in_the_way_is_told_to_those_who_ask_for_everything(tmp_path: Path) -> None:
    assert report(tmp_path, RETURNED) == []
    (found,) = report(tmp_path, RETURNED, "--pedantic")
    assert found["fix"] is None
    assert found["message"].endswith("cannot replace: the weights are returned")


def test_the_unsafe_fix_writes_one_call_and_removes_what_nobody_needs(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MATMUL})
    assert called("--fix", "a.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == MATMUL
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == FUSED


def test_granted_assumptions_make_it_safe(tmp_path: Path) -> None:
    names = ["last-digits", "same-layout", "no-masked-rows", "mask-fits"]
    write(tmp_path, {"a.py": MATMUL, "einlint.toml": f"extend-assume = {json.dumps(names)}\n"})
    assert called("--fix", "a.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == FUSED


def test_calls_inside_have_no_finding_of_their_own_and_their_safe_spelling(tmp_path: Path) -> None:
    for arguments in ((), ("--pedantic",)):
        assert [each["code"] for each in report(tmp_path, EINSUM, *arguments)] == ["EIN202"]
    called("--fix", "a.py", cwd=tmp_path)
    assert "scores = q @ k.transpose(-2, -1) * 0.125" in (tmp_path / "a.py").read_text()


def test_without_the_rule_the_calls_have_their_findings(tmp_path: Path) -> None:
    found = report(tmp_path, EINSUM, "--ignore", "EIN202")
    assert [each["code"] for each in found] == ["EIN105", "EIN105"]


@pytest.mark.parametrize("line", [6, 7, 8, 9, 10, 11])
def test_a_comment_on_any_line_of_the_chain_silences_it(tmp_path: Path, line: int) -> None:
    lines = MATMUL.splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].rstrip() + "  # noqa: EIN202\n"
    assert report(tmp_path, "".join(lines)) == []
    assert report(tmp_path, "".join(lines), "--extend-select", "EIN901") == []


def test_a_comment_elsewhere_does_not(tmp_path: Path) -> None:
    text = MATMUL.replace("def attention(q, k, v, mask):", "def attention(q, k, v, mask):  # noqa")
    assert len(report(tmp_path, text)) == 1


def test_a_torch_that_lacks_the_scale_gets_a_scaled_query(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": 'torch-version = "2.0"\n'})
    (found,) = report(tmp_path, MATMUL)
    assert ".shape[-1] ** 0.5" in found["fix"]["message"]
    assert "scale=" not in found["fix"]["message"]


def test_a_torch_that_lacks_the_call_is_not_offered_it(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": 'torch-version = "1.13"\n'})
    assert report(tmp_path, MATMUL) == []
    (found,) = report(tmp_path, MATMUL, "--pedantic")
    assert found["fix"]["edits"] == []
    assert "torch 1.13 does not have it" in found["message"]


def test_the_call_is_spelled_by_what_is_imported(tmp_path: Path) -> None:
    for head, name in (
        ("import torch\n", "torch.nn.functional"),
        ("from torch import nn\n", "nn.functional"),
        ("from torch.nn import functional as f\n", "f"),
    ):
        (found,) = report(tmp_path, MATMUL.replace(HEAD, head))
        assert f"`{name}.scaled_dot_product_attention(" in found["fix"]["message"]
    bare = MATMUL.replace(HEAD, "").replace(
        "scores.softmax(\n        dim=-1\n    )", "scores.softmax(-1)"
    )
    assert report(tmp_path, bare) == []
    assert len(report(tmp_path, bare, "--pedantic")) == 1


COMMENTED = MATMUL.replace("transpose(-2, -1)\n", "transpose(-2, -1)  # b h q k\n")


def test_comments_are_kept_above_the_call(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": COMMENTED})
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == FUSED.replace(
        "    return", "    # b h q k\n    return"
    )


def test_a_comment_inside_of_a_statement_is_kept_too(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MATMUL.replace("dim=-1\n", "dim=-1  # keys\n")})
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == FUSED.replace("    return", "    # keys\n    return")


def test_a_comment_inside_of_an_operand_keeps_the_code(tmp_path: Path) -> None:
    text = MATMUL.replace("mask == 0", "mask  # padding\n        == 0")
    assert report(tmp_path, text) == []
    (found,) = report(tmp_path, text, "--pedantic")
    assert "a comment stands in what would move" in found["message"]


def test_code_that_python_cannot_read_is_not_its_business(tmp_path: Path) -> None:
    assert report(tmp_path, MATMUL + "def broken(:\n", "--pedantic") == []


def notebook(*cells: str) -> str:
    listed: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "source": each,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for each in cells
    ]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_a_notebook_is_fixed_within_one_cell(tmp_path: Path) -> None:
    head, body = MATMUL.split("\n\n\n")
    module = (
        "class Base(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.drop = torch.nn.Dropout(0.1)\n"
    )
    derived = (
        "class Derived(Base):\n    def forward(self, q, k, v):\n"
        "        w = self.drop((q @ k.mT).softmax(-1))\n        return w @ v\n"
    )
    write(tmp_path, {"n.ipynb": notebook(head, body, module, "%matplotlib inline\n" + derived)})
    found = json.loads(called("--output-format", "json", "n.ipynb", cwd=tmp_path).stdout)
    assert [(each["code"], each["cell"]) for each in found] == [("EIN202", 2), ("EIN202", 4)]
    called("--fix", "--unsafe-fixes", "n.ipynb", cwd=tmp_path)
    cells = json.loads((tmp_path / "n.ipynb").read_text())["cells"]
    assert "scaled_dot_product_attention" in "".join(cells[1]["source"])
    assert "self.drop.p if self.drop.training" in "".join(cells[3]["source"])


def test_windows_line_ends_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(MATMUL.replace("\n", "\r\n").encode())
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_bytes() == FUSED.replace("\n", "\r\n").encode()


def test_explain_says_which_finding_speaks_for_a_call(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": EINSUM})
    said = called("explain", "a.py:6", cwd=tmp_path).stdout.decode()
    assert "not reported: EIN105: EIN202 speaks for the call; --fix applies its safe fix" in said


BLOCKED = EINSUM.replace("    return", "    q.calls = 1\n    return")


def test_where_the_call_cannot_be_written_the_products_become_matrix_products(
    tmp_path: Path,
) -> None:
    (found,) = report(tmp_path, BLOCKED)
    assert found["code"] == "EIN202"
    assert "something is changed between the two products" in found["message"]
    assert [each["content"] for each in found["fix"]["edits"]] == [
        "q @ k.transpose(-2, -1)",
        "scores.softmax(-1) @ v",
    ]
    called("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
    assert "einsum" not in (tmp_path / "a.py").read_text()
    unscaled = report(tmp_path, BLOCKED.replace("* 0.125", ""))  # not seen fused
    assert [each["code"] for each in unscaled] == ["EIN105", "EIN105"]


@pytest.mark.parametrize("options", [(), ("--pedantic",)])
def test_the_calls_of_attention_are_silenced_with_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """`--add-ignore` silenced EIN202 alone, and the next run reported the calls of it."""
    source = """import torch


def attention(q, k, v):
    q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
    weights = torch.einsum("bhqd,bhkd->bhqk", q, k).softmax(-1)
    return torch.einsum("bhqk,bhkd->bhqd", weights, v)
"""
    (tmp_path / "a.py").write_text(source)
    assert called("--add-ignore", "why", *options, "a.py", cwd=tmp_path).returncode == 0
    text = (tmp_path / "a.py").read_text()
    assert text.count("EIN202") == 1
    assert called("--extend-select", "EIN901", *options, "a.py", cwd=tmp_path).stdout.startswith(
        b"All checks passed!"
    )
