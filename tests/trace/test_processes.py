"""However a program ends, and whatever it starts: it ends so, and its calls are recorded."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from einlint.trace.store import read
from tests.cli.run import LONGEST, einlint, write
from tests.trace.programs import (
    HEAD,
    TRACE,
    ended,
    line_of,
    recorded,
    recorded_source,
    shapes,
    started,
)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("raise ValueError('mine')", 1),
        ("os._exit(4)", 4),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)", 128 + signal.SIGTERM),
        (
            # Python does not answer to it where the tests were started with SIGINT ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "os.kill(os.getpid(), signal.SIGINT); time.sleep(9)",
            128 + signal.SIGINT,
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
    ],
)
def test_its_exit_code_and_its_words(tmp_path: Path, end: str, code: int) -> None:
    run = recorded_source(tmp_path, f"call()\n{end}\n")
    command = [sys.executable, "program.py"]
    plain = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    assert (run.code, run.calls) == (code, 1)
    assert run.own == plain.stderr.decode()


def test_a_program_that_is_started_with_sigint_ignored_goes_on(tmp_path: Path) -> None:
    source = "call()\nos.kill(os.getppid(), signal.SIGINT)\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / "program.py").write_text(f"{HEAD}{source}time.sleep(0.1)\nsys.exit(3)\n")
    shell = ("sh", "-c", 'trap "" INT; "$@"; exit $?', "sh")  # it ignores the signal itself, too
    done = einlint("trace", "program.py", cwd=tmp_path, prefix=shell)
    assert done.returncode == 3, done.stderr.decode()
    assert sum(row.calls for row in read(tmp_path / TRACE).rows) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_the_programs_to_answer(tmp_path: Path, number: signal.Signals) -> None:
    process = started(
        tmp_path,
        f"""
def leave(*_):
    call()
    sys.exit(5)
signal.signal({number.value}, leave)
call()
print("ready", flush=True)
while True: time.sleep(0.01)
""",
    )
    assert line_of(process) == "ready"
    process.send_signal(number)
    assert ended(process) == 5
    assert sum(row.calls for row in read(tmp_path / TRACE).rows) == 2


def test_a_killed_child(tmp_path: Path) -> None:
    source = """
call()
if (child := os.fork()) == 0:
    call()
    os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)
call()
"""
    run = recorded_source(tmp_path, source)
    assert (run.code, run.calls, run.trace.cost.processes) == (0, 3, 2)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(tmp_path: Path, method: str) -> None:
    source = f"""
import multiprocessing
if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    children = [context.Process(target=call, args=(size,)) for size in (2, 5)]
    for child in children: child.start()
    for child in children: child.join()
    call()
"""
    run = recorded_source(tmp_path, source)
    sizes = {row.signature.operands[0].shape: row.calls for row in run.trace.rows if row.signature}
    assert sizes == {(2, 3): 2, (5, 3): 1}
    assert run.trace.cost.processes == 3


def test_a_module_with_arguments(tmp_path: Path) -> None:
    main = HEAD + "call()\nprint(__name__, sys.argv[1:])\n"
    write(tmp_path, {"package/__init__.py": "", "package/tool.py": main})
    run = recorded(tmp_path, "-m", "package.tool", "-o", "--output-file", "x")
    assert run.done.stdout.decode().split(maxsplit=1) == [
        "__main__",
        "['-o', '--output-file', 'x']\n",
    ]
    assert (run.code, run.calls) == (0, 1)


def test_the_sitecustomize_of_others_runs(tmp_path: Path) -> None:
    own = "import builtins\nbuiltins.customized = True\n"
    program = HEAD + "call()\nprint(customized)\n"
    write(tmp_path, {"own/sitecustomize.py": own, "program.py": program})
    path = os.pathsep.join((str(tmp_path / "own"), os.environ.get("PYTHONPATH", "")))
    run = recorded(tmp_path, "program.py", environment={"PYTHONPATH": path})
    assert (run.done.stdout, run.calls) == (b"True\n", 1)


def test_a_child_that_is_given_the_path_alone_says_nothing(tmp_path: Path) -> None:
    source = """
import subprocess
path = {"PYTHONPATH": os.environ["PYTHONPATH"]}
call()
subprocess.run([sys.executable, "-c", "import sitecustomize"], env=path, check=True)
"""
    run = recorded_source(tmp_path, source)
    assert (run.code, run.own, run.calls) == (0, "", 1)


OLD = """
from types import SimpleNamespace as _Names
def einsum(*operands): return "as ever"
functional, _VF, compiler = _Names(einsum=einsum), _Names(), _Names(is_compiling=bool)
is_autocast_enabled, __version__ = bool, "2.1"
"""


def test_a_torch_that_is_too_old_is_used_as_it_is(tmp_path: Path) -> None:
    program = "import torch\nprint(torch.einsum('i->', []))\n"
    write(tmp_path, {"torch.py": OLD + "_VF.einsum = einsum\n", "program.py": program})
    run = recorded(tmp_path, "program.py")
    assert (run.code, run.done.stdout, run.calls) == (0, b"as ever\n", 0)
    assert "einsum calls are not recorded: torch 2.1 lacks what the recorder needs" in run.summary


def test_a_killed_recorder_leaves_what_it_has(tmp_path: Path) -> None:
    process = started(tmp_path, "call()\nprint(os.getpid(), flush=True)\ntime.sleep(99)\n")
    program = int(line_of(process))
    process.kill()
    os.kill(program, signal.SIGKILL)
    ended(process)
    (parts,) = tmp_path.glob(f"{TRACE}.*.parts")
    assert [row.calls for row in read(parts).rows] == [1]


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {f"{TRACE}.parts/mine.jsonl": "{}"})
    recorded_source(tmp_path, "call()")
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {"program.py", TRACE, f"{TRACE}.parts"}
    assert (tmp_path / f"{TRACE}.parts/mine.jsonl").read_text() == "{}"


def test_a_trace_that_cannot_be_written_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(HEAD + f"call()\nos.mkdir({TRACE!r})\n")
    done = einlint("trace", "program.py", cwd=tmp_path)
    (parts,) = tmp_path.glob(f"{TRACE}.*.parts")
    assert (done.returncode, parts.name in done.stderr.decode()) == (2, True)
    assert [row.calls for row in read(parts).rows] == [1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.py",), "path does not exist: nowhere.py, nor is it a program on PATH"),
        (("deep/n.ipynb",), "deep/n.ipynb is a notebook, and Python runs none"),
        (("n.ipynb",), "jupyter nbconvert --to script n.ipynb`, then `einlint trace n.py`"),
        (("broken",), "broken: Exec format error"),
        (("-o", "file/trace", "file"), "einlint: file/trace: "),
        ((), "Missing argument 'PROGRAM'"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    write(tmp_path, {"file": "raise SystemExit('was run')", "bin/broken": "\0"})
    (tmp_path / "bin/broken").chmod(0o755)
    path = os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"]))
    done = einlint("trace", *arguments, cwd=tmp_path, environment={"PATH": path})
    assert done.returncode == 2
    assert not [*tmp_path.glob("*.parts")]
    assert said in done.stderr.decode()
    assert b"was run" not in done.stderr


def test_more_signatures_than_are_kept(tmp_path: Path) -> None:
    run = recorded_source(tmp_path, "for size in range(1, 301): call(size); call(size)\n")
    assert len(run.trace.rows) == 257
    (rest,) = (row for row in run.trace.rows if row.signature and row.signature.is_merged)
    assert shapes(rest) == (((257, 300), 3), (3, 4))
    assert (rest.calls, run.calls) == (2 * 44, 600)
    said = (
        "1 call site has more than 256 signatures: the sizes of the others are merged into ranges"
    )
    assert said in run.summary


LAUNCHER = """#!/bin/sh
"$PYTHON" program.py 2 && "$PYTHON" program.py 3
exit 7
"""


def test_a_program_on_path_and_the_processes_that_it_starts(tmp_path: Path) -> None:
    """A folder of the same name is no script."""
    program = HEAD + "call(int(sys.argv[1]))\n"
    write(tmp_path, {"bin/launch": LAUNCHER, "program.py": program, "launch/readme": ""})
    (tmp_path / "bin/launch").chmod(0o755)
    path = os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"]))
    run = recorded(
        tmp_path, "launch", "--nproc", "2", environment={"PATH": path, "PYTHON": sys.executable}
    )
    assert (run.code, run.calls, run.trace.cost.processes) == (7, 2, 2)
    assert sorted(map(shapes, run.trace.rows)) == [((2, 3), (3, 4)), ((3, 3), (3, 4))]


def test_torchrun(tmp_path: Path) -> None:
    torchrun = shutil.which("torchrun")
    if torchrun is None:
        pytest.skip("torchrun is not on PATH")
    source = "a = torch.ones(2, 3)\ntorch.einsum('ij,kj->ik', a, a)\n"
    write(tmp_path, {"program.py": f"import torch\n{source}"})
    run = recorded(tmp_path, "torchrun", "--standalone", "--nproc-per-node", "2", "program.py")
    assert (run.code, run.calls, run.trace.cost.processes) == (0, 2, 2)
    (row,) = run.trace.rows
    assert (row.first_calls, row.first_seconds) == (2, row.seconds)


UNUSUAL = """
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

def call(size, device="cpu"):
    torch.einsum("ij,jk->ik", torch.ones(2, size, device=device), torch.ones(3, 4, device=device))

call(3, "meta")
with FakeTensorMode():
    call(3)
for arguments in ((3,), (5,), (5, "meta")):
    try:
        call(*arguments)
    except RuntimeError:
        print("caught")
for wrong in (3, "x"):
    try:
        torch.einsum("ij->i", wrong)
    except Exception as error:
        print(type(error).__name__)
"""


def test_meta_tensors_and_calls_that_raise(tmp_path: Path) -> None:
    """A fake tensor says that it is on a CPU."""
    write(tmp_path, {"program.py": UNUSUAL})
    run = recorded(tmp_path, "program.py")
    plain = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, timeout=LONGEST
    )
    assert (run.code, run.done.stdout, run.own) == (0, plain.stdout, "")
    found = {
        (row.signature.equation, each.device, row.signature.operands[0].shape): (
            row.calls,
            row.raised,
        )
        for row in run.trace.rows
        if row.signature
        for each in row.signature.operands[:1]
    }
    assert found == {
        ("ij,jk->ik", "meta", (2, 3)): (2, 0),
        ("ij,jk->ik", "cpu", (2, 3)): (1, 0),
        ("ij,jk->ik", "cpu", (2, 5)): (0, 1),
        ("ij,jk->ik", "meta", (2, 5)): (0, 1),
    }
    assert [row.raised for row in run.trace.rows if row.signature and not row.signature.operands]
    assert "2 calls had meta tensors" in run.summary
    assert "4 calls raised: counted apart" in run.summary
    assert run.trace.cost.failures == 0
