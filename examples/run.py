"""Run the tests of recipes, each in its own environment: `python examples/run.py ray spark duckdb`.

What each recipe needs is a dependency group of pyproject.toml. Spark needs Java 17, too.
"""

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def requirements(groups: dict[str, list[Any]], name: str) -> list[str]:
    """The requirements of a group, with those of the groups that it includes."""
    found: list[str] = []
    for each in groups[name]:
        included = isinstance(each, dict) and requirements(groups, each["include-group"])
        found += included or [each]
    return found


def run(name: str) -> int:
    """The exit code of the recipe's test."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        needed = ["--editable", f"{ROOT}[scan]", *requirements(groups, name)]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *needed], check=True)
        test = ROOT / "tests" / "examples" / f"test_{name}.py"
        command = [python, "-m", "pytest", "-n", "0", "-rs", test]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(max(map(run, sys.argv[1:])))
