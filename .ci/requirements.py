"""Print what the tests without torch are run with: the `pinned` versions, or the `lowest` allowed.

The lowest are read from the `>=` of pyproject.toml, so that a floor is never promised untested.
"""

import itertools
import re
import sys
import tomllib
from pathlib import Path

# Not needed by those tests. torch's own floor is not run: see pyproject.toml.
LEFT_OUT = {"coverage", "einlint", "einops", "mypy", "pre-commit", "pytest-cov", "ruff", "torch"}
# What comes with the lowest versions and has to fit them: matplotlib 3.6 is built for numpy 1.
BESIDE_LOWEST = {"flake8-bugbear": "flake8-bugbear", "numpy": "numpy<2"}


def by_name(requirements: list[str]) -> dict[str, str]:
    """Each requirement by the name of its package, without what is left out."""
    names = {re.split(r"[^\w-]", each)[0]: each for each in requirements}
    return {name: each for name, each in names.items() if name not in LEFT_OUT}


def main() -> None:
    """The requirements, one a line, as pip reads them from a file."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = by_name(extras.pop("dev"))
    del extras["docs"]  # pinned, and for the site only
    if sys.argv[1] == "lowest":
        allowed = by_name([*project["dependencies"], *itertools.chain(*extras.values())])
        lowest = {name: each.replace(">=", "==") for name, each in allowed.items()}
        wanted = {**wanted, **BESIDE_LOWEST, **lowest}
    print("\n".join(wanted.values()))


if __name__ == "__main__":
    main()
