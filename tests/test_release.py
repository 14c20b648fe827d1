"""What a release needs: the workflow, the extras, and what is looked for in a wheel."""

import re
import runpy
import shutil
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

CHECK: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "distribution.py"))
METADATA = """Metadata-Version: 2.4
Name: einlint
Version: {version}
Summary: x
License-Expression: MIT
Requires-Python: >=3.11
Description-Content-Type: text/markdown
Classifier: Programming Language :: Python :: 3.11
Classifier: Programming Language :: Python :: 3.12
Classifier: Programming Language :: Python :: 3.13
"""

needs_git = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="no checkout of git"
)


def distribution(folder: Path, *, without: str = "", version: str = "0.1.0") -> Path:
    """A wheel and an sdist with the names of all files that belong there, but for one."""
    with zipfile.ZipFile(folder / "e-0.1.0-py3-none-any.whl", "w") as wheel:
        for name in CHECK["tracked"]() - {without}:
            wheel.writestr(name, "")
        wheel.writestr("e-0.1.0.dist-info/METADATA", METADATA.format(version=version))
    with tarfile.open(folder / "e-0.1.0.tar.gz", "w:gz") as sdist:
        for name in CHECK["IN_SDIST"]:
            if name != without:
                sdist.addfile(tarfile.TarInfo(f"e-0.1.0/{name}"))
    return folder


@needs_git
def test_a_complete_distribution_has_no_faults(tmp_path: Path) -> None:
    assert CHECK["faults"](distribution(tmp_path), is_release=False) == []


@needs_git
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"without": "einlint/settings.schema.json"}, "not in the wheel: einlint/settings.schema"),
        ({"without": "docs/conf.py"}, "not in the sdist: docs/conf.py"),
        ({"version": "9.9"}, "the version is not that of einlint/__init__.py: 9.9"),
    ],
)
def test_a_planted_fault_is_seen(tmp_path: Path, change: dict[str, str], fault: str) -> None:
    (found,) = CHECK["faults"](distribution(tmp_path, **change), is_release=False)
    assert found.startswith(fault)


@needs_git
def test_a_release_needs_links_to_the_project(tmp_path: Path) -> None:
    (found,) = CHECK["faults"](distribution(tmp_path), is_release=True)
    assert "project.urls" in found


def test_every_extra_is_installed_and_used_before_a_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    used = re.findall(r"^extra (\w+) ", (ROOT / ".ci" / "extras").read_text(), re.MULTILINE)
    assert set(used) == set(project["optional-dependencies"]) - {"dev"}


def test_the_workflow_runs_what_runs_here() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    (pythons,) = (
        step["with"]["python-version"].split()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/setup-python")
    )
    wanted = re.findall(r"^without_torch (\S+)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert set(pythons) == set(wanted)
