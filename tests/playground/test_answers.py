"""What the playground answers, without a browser, and without what a browser does not have."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from einlint.diagnostics import Edit
from einlint.linting import engine
from tests.cli.run import FIXED, SOURCE
from tests.playground.built import loaded

ANSWERS, BUILD = loaded("answers"), loaded("build")
COMMENTED = SOURCE.replace('"bhqd', '  # why\n        "bhqd')
# Run with nothing but Python and the files that the page loads.
ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
from answers import answer
for question in sys.stdin:
    print(answer(question))
"""


def ask(**question: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ANSWERS.answer(json.dumps(question)))
    return found


def equation(text: str, **sizes: int) -> dict[str, Any]:
    return ask(about="equation", text=text, sizes=sizes, dtype="float32")


def test_an_equation_has_roles_picture_cost_and_replacement() -> None:
    found = equation("bij,bjk->bik", b=2, i=3, j=4, k=5, z=9)["answer"]
    assert [(each["label"], each["name"], each["size"]) for each in found["indices"]] == [
        ("b", "batch", 2),
        ("i", "free left", 3),
        ("j", "contracted", 4),
        ("k", "free right", 5),
    ]
    assert found["flops"]["total"] == 2 * 2 * 3 * 4 * 5
    assert found["replacement"]["text"] == "torch.bmm(a, b)", "the sizes prove it"
    assert found["picture"].startswith("<svg ")
    assert "<style" not in found["picture"], "the policy of the page forbids it"
    assert found["text"].startswith(found["headline"])


def test_an_equation_that_torch_rejects_has_a_message_and_a_column() -> None:
    error = equation("ij,jk->iz")["error"]
    assert error == {"message": "output index `z` does not occur in any operand", "column": 8}


def test_a_bug_is_a_message_too() -> None:
    assert "this is a bug of einlint: KeyError" in ask(about="nothing")["error"]["message"]


def test_findings_have_the_lines_that_their_fix_changes() -> None:
    (finding,) = ask(about="code", text=SOURCE, pedantic=False)["answer"]["findings"]
    (change,) = finding["changes"]
    assert change["added"] == ["    return q @ k.transpose(-2, -1)"]
    assert finding["unmet"] == []


@pytest.mark.parametrize("about", ["fixed", "all fixed"])
def test_a_fix_is_applied_and_the_source_checked_again(about: str) -> None:
    more = {"number": 0} if about == "fixed" else {}
    found = ask(about=about, text=SOURCE, pedantic=False, **more)["answer"]
    assert (found["text"], found["findings"], found["calls"]) == (FIXED, [], 0)


def test_a_fix_that_breaks_the_source_is_not_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was not seen if the source no longer mentioned einsum: then nothing read it again."""
    monkeypatch.setattr(ANSWERS, "spliced", lambda text, edits: f"{FIXED})")
    error = ask(about="fixed", text=SOURCE, pedantic=False, number=0)["error"]
    assert "Python could not read the source after it" in error["message"]
    monkeypatch.setattr(engine, "_edits", lambda parsed, chosen, settings: (Edit(0, 0, "("),))
    error = ask(about="all fixed", text=SOURCE, pedantic=False)["error"]
    assert "broke the file" in error["message"]


def test_what_waits_for_pedantic_is_counted() -> None:
    found = ask(about="code", text=COMMENTED, pedantic=False)["answer"]
    assert (found["calls"], found["findings"], found["hidden"]) == (1, [], 1)


def test_an_unsafe_fix_is_applied_alone_and_never_with_the_others() -> None:
    (finding,) = ask(about="code", text=COMMENTED, pedantic=True)["answer"]["findings"]
    assert finding["unmet"] == ["the comment `# why` inside the call may be lost"]
    everything = ask(about="all fixed", text=COMMENTED, pedantic=True)["answer"]
    assert everything["text"] == COMMENTED
    alone = ask(about="fixed", text=COMMENTED, pedantic=True, number=0)["answer"]
    assert "q @ k.transpose(-2, -1)" in alone["text"]


def test_calls_that_are_not_judged_are_counted_with_the_reason() -> None:
    found = ask(about="code", text="import torch\ntorch.einsum(e, a)\n", pedantic=False)["answer"]
    assert (found["calls"], found["has_word"]) == (0, True)
    assert found["unjudged"] == ["1 call was not judged: its equation is not literal"]


def test_nothing_is_needed_that_the_page_does_not_load(tmp_path: Path) -> None:
    """No package besides einlint, and of einlint no room that is left out."""
    for name, data in BUILD.modules():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert not (tmp_path / "einlint" / "cli").exists()
    questions = (
        {"about": "equation", "text": "ij,jk->ik", "sizes": {}, "dtype": "float32"},
        {"about": "all fixed", "text": SOURCE, "pedantic": False},
    )
    given = "".join(f"{json.dumps(each)}\n" for each in questions)
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(tmp_path)]
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["answer"]["kind"] == "matmul", done.stderr
    assert second["answer"]["text"] == FIXED
