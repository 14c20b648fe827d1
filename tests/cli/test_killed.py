"""--fix that is killed: every file is the old one or the new one, and a later run goes on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from einlint.project.temporaries import temporary_in
from tests.cli.run import FIXED, LONGEST, SOURCE, called, write

COUNT = 20
COMMAND = [sys.executable, "-m", "einlint", "--fix"]


def filled(folder: Path) -> Path:
    write(folder, {f"package/m{number}.py": SOURCE for number in range(COUNT)})
    return folder


def texts(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("package/m*.py"))]


def test_killed_at_any_moment(tmp_path: Path) -> None:
    start = time.monotonic()
    subprocess.run(COMMAND, cwd=filled(tmp_path / "whole"), timeout=LONGEST, capture_output=True)
    whole = time.monotonic() - start
    for part in range(7):
        folder = filled(tmp_path / f"{part}")
        process = subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.DEVNULL)
        time.sleep(whole * (0.3 + 0.1 * part))
        process.kill()
        process.wait()
        found = texts(folder)
        assert len(found) == COUNT
        assert set(found) <= {SOURCE, FIXED}
        assert called("--fix", cwd=folder).returncode == 0
        assert texts(folder) == [FIXED] * COUNT


# `os.{place}` sends the signal, and does what it does; then "written" is printed if it can be.
ENDING = """
import os, signal, sys
from einlint.cli.main import main

# A shell that starts the tests in the background has them ignore SIGINT, and so has nohup SIGHUP.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

def ending(*arguments, real=os.{place}):
    os.kill(os.getpid(), signal.{signal})
    return real(*arguments)

os.{place} = ending
sys.argv[1:] = {arguments}
main()
"""
PLACES = ("fdopen", "fchmod", "fsync", "replace")


def ended(folder: Path, place: str, signal: str, *arguments: str) -> int:
    """The exit code of a run that gets the signal while it writes a file."""
    script = ENDING.format(place=place, signal=signal, arguments=[*arguments])
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=LONGEST).returncode


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize(
    ("place", "options"),
    [*((place, ("--fix",)) for place in PLACES), ("fsync", ("--fix", "a.py")), ("fsync", ())],
)
def test_what_is_left_behind_is_no_source_and_the_next_run_sweeps_it(
    tmp_path: Path, place: str, options: tuple[str, ...]
) -> None:
    """Killed between the first byte that is written and the last step, the renaming."""
    write(tmp_path, {"a.py": SOURCE})
    assert ended(tmp_path, place, "SIGKILL", "--fix") == -9
    assert (tmp_path / "a.py").read_text() == SOURCE
    left, _ = names(tmp_path)
    assert left.startswith(".einlint-")
    done = called(*options, "--output-format", "concise", cwd=tmp_path)
    assert (done.stderr, names(tmp_path)) == (b"", ["a.py"])
    assert (tmp_path / "a.py").read_text() == (FIXED if options else SOURCE)


@pytest.mark.parametrize(
    ("signal", "place"),
    [*(("SIGTERM", place) for place in PLACES), ("SIGINT", "fsync"), ("SIGHUP", "fsync")],
)
def test_a_signal_waits_until_the_file_is_written(tmp_path: Path, place: str, signal: str) -> None:
    write(tmp_path, {"a.py": SOURCE, "b.py": SOURCE})
    code = ended(tmp_path, place, signal, "--fix")
    assert code in {-15, -1, -2, 1}  # as the signal says; Python ends by SIGINT with a code
    assert names(tmp_path) == ["a.py", "b.py"]
    assert (tmp_path / "a.py").read_text() == FIXED
    assert (tmp_path / "b.py").read_text() == SOURCE


def test_a_temporary_file_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    with temporary_in(tmp_path, 0o600) as (temporary, _):
        assert called("--fix", cwd=tmp_path).returncode == 0
        assert names(tmp_path) == [temporary.name, "a.py"]
    assert names(tmp_path) == ["a.py"]


def test_only_files_with_the_name_of_a_temporary_file_are_swept(tmp_path: Path) -> None:
    kept = [".einlint-0123.tmp", ".einlint-0123456789abcdef.tmp.py", "x.tmp"]
    link = ".einlint-0123456789abcdef.tmp"
    write(tmp_path, {**dict.fromkeys(kept, ""), "a.py": SOURCE})
    (tmp_path / link).symlink_to("x.tmp")
    os.mkfifo(tmp_path / link.replace("0", "1"))
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert {*kept, link} <= {*names(tmp_path)}


REPORTS = {
    "r.json": ("--output-format", "json", "-o", "r.json"),
    "b.json": ("baseline", "--grow", "-o", "b.json"),
}


@pytest.mark.parametrize("file", REPORTS)
@pytest.mark.parametrize("place", ["fdopen", "replace"])
@pytest.mark.parametrize("is_new", [True, False])
def test_a_report_is_the_old_one_or_the_new_one(
    tmp_path: Path, file: str, place: str, is_new: bool
) -> None:
    """It was made empty first; a baseline without a byte is none."""
    write(tmp_path, {"a.py": SOURCE})
    if not is_new:
        called(*REPORTS[file], cwd=tmp_path)
        write(tmp_path, {"a.py": SOURCE + SOURCE})
    old = None if is_new else (tmp_path / file).read_bytes()
    assert ended(tmp_path, place, "SIGKILL", *REPORTS[file]) == -9
    assert old == ((tmp_path / file).read_bytes() if (tmp_path / file).exists() else None)
    assert called(*REPORTS[file], cwd=tmp_path).returncode in {0, 1}
    assert names(tmp_path) == ["a.py", file]
    assert (tmp_path / file).read_bytes() not in {old, b""}


@pytest.mark.parametrize("file", REPORTS)
def test_a_report_for_which_there_is_no_room_is_not_begun(tmp_path: Path, file: str) -> None:
    write(tmp_path, {f"a{number}.py": SOURCE for number in range(40)})
    limits = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)); "
    run = f"import sys; sys.argv[1:] = {[*REPORTS[file]]}; "
    run += "from einlint.cli.main import main; main()"
    command = [sys.executable, "-B", "-c", limits + run]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    assert done.returncode == 2
    assert b"File too large" in done.stderr
    assert not [each for each in names(tmp_path) if not each.endswith(".py")]
