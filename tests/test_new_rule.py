"""A newcomer adds a rule with two new files and no edit elsewhere."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

RULE = '''"""A batch index that is called `z`.

## What it does
Reports it.

## Why is this bad
It is not; this rule belongs to a test.

## Example
```python
import torch

x = torch.einsum("zij,zjk->zik", torch.ones(2, 3, 4), torch.ones(2, 4, 5))
```

## Use instead
```python
import torch

x = torch.einsum("bij,bjk->bik", torch.ones(2, 3, 4), torch.ones(2, 4, 5))
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
    if call.contraction is not None and "z" in call.contraction.roles.batch:
        yield Finding("a batch index is called `z`")


RULE = Rule(
    "EIN990", "index-named-z", EinsumCall, check, page=__doc__ or "", is_default=False
)
'''
FIXTURE = """import torch

x = torch.einsum("zij,zjk->zil", a, b)  # EIN003
y = torch.einsum("zij,zjk->zik", a, b)  # EIN105 EIN990
"""
GOLDEN = FIXTURE.replace('torch.einsum("zij,zjk->zik", a, b)', "a @ b")


def test_two_new_files_make_a_rule(tmp_path: Path) -> None:
    for name in ("einlint", "tests", "fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "einlint/rules/index_named_z.py").write_text(RULE)
    fixture = tmp_path / "fixtures/rules/index_named_z/basic.py"
    fixture.parent.mkdir()
    fixture.write_text(FIXTURE)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    page = run("einlint", "rule", "EIN990")
    assert page.stdout.startswith("# index-named-z (EIN990)"), page.stderr
    found = run(
        "einlint",
        "--isolated",
        "--select",
        "EIN990",
        "--output-format=concise",
        "fixtures/rules/index_named_z",
    )
    assert "basic.py:4:5: EIN990 a batch index is called `z`" in found.stdout
    written = run(
        *("pytest", "-q", "-n0", "tests/rules/test_fixtures.py", "--regenerate"),
        *("-k", "index_named_z or EIN990"),
    )
    assert written.returncode == 0, written.stdout
    assert fixture.with_suffix(".fixed.py").read_text() == GOLDEN
    tested = run(
        "pytest",
        "-q",
        "-n0",
        "tests/rules",
        "tests/test_architecture.py",
        "-k",
        "index_named_z or EIN990",
    )
    assert tested.returncode == 0, tested.stdout
