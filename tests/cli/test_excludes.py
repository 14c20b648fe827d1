"""What is excluded: by settings, by options, and with --force-exclude even if it is named."""

from pathlib import Path

import pytest

from tests.cli.run import FIXED, SOURCE, called, findings, write


def checked(*arguments: str, cwd: Path) -> list[str]:
    return [each["filename"] for each in findings(*arguments, cwd=cwd)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    places = ("a.py", "legacy/b.py", "legacy/deep/c.py", "src/gen_a.py", "src/d.py", "build/e.py")
    write(tmp_path, dict.fromkeys(places, SOURCE))
    return tmp_path


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["a.py", "legacy/b.py", "legacy/deep/c.py", "src/d.py", "src/gen_a.py"]),
        (("--exclude", "legacy"), ["a.py", "build/e.py", "src/d.py", "src/gen_a.py"]),
        (("--extend-exclude", "legacy"), ["a.py", "src/d.py", "src/gen_a.py"]),
        (("--extend-exclude", "legacy/,src/gen_*.py"), ["a.py", "src/d.py"]),
        (("--extend-exclude", "legacy", "--extend-exclude", "./src"), ["a.py"]),
        (
            ("--extend-exclude", "**/deep,src/**/gen_*.py"),
            ["a.py", "legacy/b.py", "src/d.py"],
        ),
        (("--extend-exclude", "deep/c.py,src"), ["a.py", "legacy/b.py", "legacy/deep/c.py"]),
    ],
)
def test_options_exclude_what_is_walked(
    project: Path, options: tuple[str, ...], expected: list[str]
) -> None:
    assert checked(*options, cwd=project) == expected


def test_patterns_of_options_are_meant_from_where_they_are_typed(project: Path) -> None:
    write(project, {"pyproject.toml": "[tool.einlint]\n"})
    assert checked("--exclude", "./deep", cwd=project / "legacy") == ["b.py"]
    assert checked("../src", "--exclude", "../src/gen*", cwd=project / "legacy") == ["../src/d.py"]


def test_a_folder_with_brackets_in_its_name_is_no_pattern(tmp_path: Path) -> None:
    write(tmp_path, {"[ab]/x/b.py": SOURCE, "[ab]/c.py": SOURCE})
    assert checked("--exclude", "./x", cwd=tmp_path / "[ab]") == ["c.py"]


def test_the_setting_exclude_replaces_the_default(project: Path) -> None:
    write(project, {"einlint.toml": 'exclude = ["legacy", "src"]\n'})
    assert checked(cwd=project) == ["a.py", "build/e.py"]
    write(project, {"einlint.toml": 'extend-exclude = ["legacy", "src"]\n'})
    assert checked(cwd=project) == ["a.py"]


@pytest.mark.parametrize("table", ["", "[tool.einlint]\nforce-exclude = true\n"])
def test_named_paths_are_excluded_on_request(project: Path, table: str) -> None:
    write(project, {"pyproject.toml": table})
    options = [] if table else ["--force-exclude"]
    options += ["--extend-exclude", "legacy"]
    named = ["legacy/b.py", "legacy/deep/c.py", "legacy/deep", "build/e.py", "src/d.py"]
    assert checked(*options, *named, cwd=project) == ["src/d.py"]
    assert len(checked(*options, "--no-force-exclude", *named, cwd=project)) == 4


def test_force_exclude_knows_the_patterns_of_the_settings(project: Path) -> None:
    write(
        project, {"pyproject.toml": '[tool.einlint]\nextend-exclude = ["legacy/deep", "gen_*"]\n'}
    )
    named = ("legacy/deep/c.py", "src/gen_a.py", "a.py")
    assert checked(*named, cwd=project) == list(named)
    assert checked("--force-exclude", *named, cwd=project) == ["a.py"]
    assert checked("--force-exclude", "deep/c.py", cwd=project / "legacy") == []


def test_the_place_of_a_project_is_not_excluded(project: Path) -> None:
    """A pattern speaks of what is inside of the project, wherever that is."""
    write(project, {"build/pyproject.toml": "[tool.einlint]\n"})
    for path in ("e.py", ".", str(project / "build")):
        assert len(checked("--force-exclude", path, cwd=project / "build")) == 1
    (project / "build/pyproject.toml").unlink()
    assert checked("--force-exclude", cwd=project / "build") == ["e.py"]
    assert checked("--force-exclude", "../legacy", cwd=project / "build") != []


def test_force_exclude_counts_for_standard_input(project: Path) -> None:
    options = ("--extend-exclude", "legacy", "--stdin-filename", "legacy/b.py", "-")
    data = SOURCE.encode()
    assert len(findings(*options, cwd=project, stdin=data)) == 1
    assert findings("--force-exclude", *options, cwd=project, stdin=data) == []
    done = called("--fix", "--force-exclude", *options, cwd=project, stdin=data)
    assert (done.returncode, done.stdout) == (0, data)
    done = called("--fix", *options, cwd=project, stdin=data)
    assert done.stdout == FIXED.encode()
