"""Check the wheel and the sdist in a folder: what is in them, and what they say of themselves.

    python .ci/distribution.py FOLDER [--release]

With --release the metadata must link to the project, which needs its public address.
"""

import argparse
import email
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# One file of each room that an sdist has to bring: what the tests, the docs and a build need.
IN_SDIST = (
    *(".ci/run", ".pre-commit-hooks.yaml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    *("README.md", "SECURITY.md", "benchmarks/evidence.py", "docs/conf.py", "docs/index.md"),
    *("docs/pictures/report.svg", "einlint/py.typed", "fixtures/equations.tsv", "pyproject.toml"),
    "tests/conftest.py",
)


def tracked() -> set[str]:
    """The files of the package that git knows."""
    command = ["git", "ls-files", "einlint"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def in_wheel(path: Path) -> tuple[set[str], str]:
    """The names of a wheel's files, without those about itself, and its metadata."""
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = wheel.read(metadata).decode()
        return {name for name in names if ".dist-info/" not in name}, text


def in_sdist(path: Path) -> set[str]:
    """The names of an sdist's files, without the folder that they are in."""
    with tarfile.open(path) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def faults(folder: Path, *, is_release: bool) -> list[str]:
    """What is wrong; empty if nothing is."""
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    files, text = in_wheel(wheel)
    found = [f"not in the wheel: {name}" for name in sorted(tracked() - files)]
    found += [f"too much in the wheel: {name}" for name in sorted(files - tracked())]
    brought = in_sdist(sdist)
    found += [f"not in the sdist: {name}" for name in IN_SDIST if name not in brought]
    about = email.message_from_string(text)
    needed = ["Requires-Python", "License-Expression", "Summary", "Description-Content-Type"]
    found += [f"not in the metadata: {key}" for key in needed if not about[key]]
    source = (ROOT / "einlint/__init__.py").read_text()
    if f'__version__ = "{about["Version"]}"' not in source:
        found.append(f"the version is not that of einlint/__init__.py: {about['Version']}")
    pythons = [each for each in about.get_all("Classifier", []) if "Python :: 3." in each]
    found += [] if len(pythons) >= 3 else ["too few versions of Python in the classifiers"]
    if is_release and not about.get_all("Project-URL"):
        found.append("no links to the project: add [project.urls] to pyproject.toml")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--release", action="store_true")
    options = parser.parse_args()
    wrong = faults(options.folder, is_release=options.release)
    print("\n".join(wrong) or "The wheel and the sdist are complete.")
    sys.exit(bool(wrong))
