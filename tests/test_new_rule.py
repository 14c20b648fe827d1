"""A newcomer adds a rule with two new files and no edit elsewhere."""

from pathlib import Path

from tests.new_files import copy_of_the_project, run

RULE = '''"""A batch index that is not called `z`.

## What it does
Reports it.

## Why is this bad
It is not; this rule belongs to a test.

## Example
```python
import torch

x = torch.einsum("bij,bjk->bik", torch.ones(2, 3, 4), torch.ones(2, 4, 5))
```

## Use instead
```python
import torch

x = torch.einsum("zij,zjk->zik", torch.ones(2, 3, 4), torch.ones(2, 4, 5))
```

## Fix safety
There is no fix.

## When to keep einsum
Always.
"""

from collections.abc import Iterator

from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """The index."""
    if call.contraction is not None and set(call.contraction.roles.batch) - {"z"}:
        yield Finding("a batch index is not called `z`")


RULE = Rule("EIN990", "index-named-z", EinsumCall, check, page=__doc__ or "")
'''
FIXTURE = """import torch

x = torch.einsum("bij,bjk->bik", a, b)  # EIN990
y = torch.einsum("zij,zjk->zik", a, b)
z = torch.einsum("zij,zjk->zil", a, b)
"""


def test_two_new_files_make_a_rule(tmp_path: Path) -> None:
    """One that is on by default, and reports calls in many of the fixtures that exist."""
    copy = copy_of_the_project(tmp_path)
    (copy / "einlint/rules/index_named_z.py").write_text(RULE)
    fixture = copy / "fixtures/rules/index_named_z/basic.py"
    fixture.parent.mkdir()
    fixture.write_text(FIXTURE)

    page = run(copy, "einlint", "rule", "EIN990")
    assert page.stdout.startswith("# index-named-z (EIN990)"), page.stderr
    options = ("--isolated", "--output-format=concise")
    found = run(copy, "einlint", *options, "fixtures/rules/index_named_z")
    assert "basic.py:3:5: EIN990 a batch index is not called `z`" in found.stdout
    elsewhere = run(copy, "einlint", *options, "fixtures/rules/batched_matmul", "fixtures/source")
    assert elsewhere.stdout.count("EIN990") > 20
    room = "tests/test_architecture.py::test_every_module_imports_only_what_its_room_may"
    tested = run(copy, "pytest", "-q", "-n0", "tests/rules", f"{room}[index_named_z]")
    assert tested.returncode == 0, tested.stdout


def test_a_wrong_expectation_says_file_line_expected_and_found(tmp_path: Path) -> None:
    copy = copy_of_the_project(tmp_path)
    fixture = copy / "fixtures/rules/dot/basic.py"
    lines = fixture.read_text().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines, 1) if line.endswith("  # EIN101\n"))
    lines[number - 1] = lines[number - 1].replace("EIN101", "EIN102")
    fixture.write_text("".join(lines))
    tested = run(
        copy, "pytest", "-q", "-n0", "tests/rules/test_fixtures.py", "-k", "rules/dot/basic"
    )
    assert tested.returncode == 1
    expected = f"fixtures/rules/dot/basic.py:{number}: expected EIN102, found EIN101\n"
    assert expected in tested.stdout
