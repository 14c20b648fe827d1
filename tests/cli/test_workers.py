"""Worker processes: they end with their parent and write nothing after it; one may die alone."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import FIXED, LONGEST, SOURCE, einlint, write

COUNT = 60

# Ctrl-C works although whoever started the tests may have switched it off, and every file takes
# its time to be written.
SLOW = """
import os, signal, sys, time
from einlint.cli.main import main

def slow(handle, real=os.fsync):
    real(handle)
    print(flush=True)
    time.sleep({seconds})

os.fsync = slow
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[1:] = ["--fix", "-j", "2"]
main()
"""

DEADLY = """
import os, signal, sys
from einlint.cli import run
from einlint.cli.main import main

def deadly(name, real=run.content_of):
    if name in {names}:
        {death}
    return real(name)

run.content_of = deadly
sys.argv[1:] = {arguments}
main()
"""
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"


def filled(folder: Path) -> dict[str, str]:
    names = [f"m{number:02}.py" for number in range(COUNT)]
    write(folder, dict.fromkeys(names, SOURCE))
    return dict.fromkeys(names, SOURCE)


def content(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir()}


def started(folder: Path, seconds: float) -> tuple[subprocess.Popen[bytes], int]:
    """A run, and a pipe that ends when the last process of the run does."""
    all_gone, held = os.pipe()
    command = [sys.executable, "-c", SLOW.format(seconds=seconds)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, pass_fds=[held])
    os.close(held)
    return process, all_gone


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent_and_write_nothing_after_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    before = filled(tmp_path)
    process, all_gone = started(tmp_path, seconds=0.2)
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        for _ in range(4):
            assert process.stdout.readline() == b"\n"
        process.send_signal(number)
        process.wait(LONGEST)
        found = {name: text for name, text in content(tmp_path).items() if name in before}
        assert select.select([all_gone], [], [], LONGEST)[0], "a worker lives on"
        assert b"Traceback" not in process.stderr.read()
    os.close(all_gone)
    assert content(tmp_path) == found, "something was written, or left behind"
    assert set(found.values()) == {SOURCE, FIXED}


def test_a_worker_that_is_busy_ends_too(tmp_path: Path) -> None:
    filled(tmp_path)
    process, all_gone = started(tmp_path, seconds=10 * LONGEST)
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        assert process.stdout.readline() == b"\n"
        process.kill()
        process.wait(LONGEST)
        assert select.select([all_gone], [], [], LONGEST)[0], "a worker lives on"
    os.close(all_gone)


@pytest.mark.parametrize(
    ("death", "told"),
    [(KILLED, "was killed by SIGKILL"), ("os._exit(3)", "ended with exit code 3")],
)
def test_a_worker_that_dies_costs_its_own_file(tmp_path: Path, death: str, told: str) -> None:
    filled(tmp_path)
    names = {"m00.py", "m31.py", "m32.py", f"m{COUNT - 1}.py"}
    arguments = ["--fix", "-j", "2"]
    script = DEADLY.format(names=names, death=death, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, timeout=LONGEST
    )
    lines = done.stderr.decode().splitlines()
    assert [each[: len("einlint: m00.py")] for each in lines] == [
        f"einlint: {name}" for name in sorted(names)
    ]
    assert all(told in each for each in lines)
    assert done.returncode == 2
    assert f"Fixed {COUNT - len(names)} findings".encode() in done.stdout
    found = content(tmp_path)
    assert {name for name, text in found.items() if text == SOURCE} == names
    assert len(found) == COUNT


def test_what_the_others_found_is_printed_in_the_order_of_one_process(tmp_path: Path) -> None:
    filled(tmp_path)
    arguments = ["--output-format", "concise", "-j", "3"]
    script = DEADLY.format(names={"m31.py"}, death=KILLED, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, timeout=LONGEST
    )
    one = einlint("--output-format", "concise", "--exclude", "m31.py", cwd=tmp_path)
    assert done.stdout == one.stdout
    assert one.stdout.count(b"EIN105") == COUNT - 1
