"""`einlint verify` as users run it."""

import json
import os
import pty
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from einlint.cli.verify_run import with_torch
from tests.cli.run import LONGEST, MALFORMED, MALFORMED_SIZES, SOURCE, called, einlint, write

pytest.importorskip("torch")

FILES = {
    "a.py": SOURCE,
    "b.py": SOURCE.replace("q, k", "x, y") + '\n\nz = torch.einsum("i,j->ij", u, v)\n',
}
FAST = ("verify", "--isolated", "--preset", "tiny", "--threads", "1")


def report(*arguments: str, cwd: Path, code: int = 0) -> dict[str, Any]:
    done = called(*FAST, "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout))


def test_json_has_the_shape_that_is_promised(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found = report("--dtype", "float32,int64", cwd=tmp_path)
    assert set(found) == {"environment", "results", "unmeasured", "summary"}
    assert found["unmeasured"] == []
    attention, outer = found["results"]
    assert set(outer) == {"equation", "original", "replacement", "sites", "cases"}
    assert attention["equation"] == "bhqd,bhkd->bhqk"
    assert attention["original"] == "torch.einsum('bhqd,bhkd->bhqk', a, b)"
    assert attention["replacement"] == "a @ b.transpose(-2, -1)"
    assert attention["sites"] == [{"filename": "a.py", "row": 5}, {"filename": "b.py", "row": 5}]
    assert [(each["dtype"], each["mode"]) for each in attention["cases"]] == [
        ("float32", "forward"),
        ("float32", "forward+backward"),
        ("int64", "forward"),
    ]
    case = outer["cases"][0]
    assert set(case) == {
        *("sizes", "dtype", "device", "mode", "verdict", "speedup", "original", "replacement"),
        *("error", "same_shape", "same_dtype", "same_strides", "sizes_from", "preset"),
        *("error", "same_shape", "same_dtype", "same_strides", "candidates", "samples"),
        *("clock", "busy", "wall_speedup", "cpu_speedup", "device_speedup"),
    }
    assert case["sizes"] == {"i": 8, "j": 8}
    assert set(case["speedup"]) == {"median", "low", "high"}
    for side in ("original", "replacement"):
        assert set(case[side]) == {
            *("flops", "bytes", "tflop_per_second", "gb_per_second"),
            *("seconds", "cpu_seconds", "peak_bytes", "operators", "kernels"),
        }
        assert set(case[side]["seconds"]) == {"median", "iqr", "mean"}
    assert set(case["error"]) == {"original", "replacement"}
    assert case["same_shape"] is case["same_dtype"] is case["same_strides"] is True
    assert found["summary"]["cases"] == 6


def test_spellings_of_one_equation_are_run_each_with_its_own_text(tmp_path: Path) -> None:
    calls = 'y = torch.einsum("ij,jk->ik", a, b)\nz = torch.einsum("ij, jk -> ik", [a, b])\n'
    write(tmp_path, {"a.py": f"import torch\n\n{calls}"})
    found = report("--dry-run", cwd=tmp_path)["results"]
    assert [each["original"] for each in found] == [
        "torch.einsum('ij,jk->ik', a, b)",
        "torch.einsum('ij, jk -> ik', [a, b])",
    ]


def test_the_fix_of_a_comment_is_none_to_verify(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE.replace("import torch", "import torch  # noqa: EIN104")})
    found = report("--dry-run", "--select", "ALL", cwd=tmp_path)
    assert [each["equation"] for each in found["results"]] == ["bhqd,bhkd->bhqk"]


def test_text_says_where_and_how_much(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = einlint(*FAST, "--no-backward", "--size", "i=3,j=5", cwd=tmp_path)
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert "torch.einsum('i,j->ij', a, b)  ->  torch.outer(a, b)\n  at b.py:8\n" in text
    assert "  at a.py:5, b.py:5\n" in text
    assert "i=3 j=5" in text
    assert text.splitlines()[-1].startswith("2 cases: ")


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = called(*FAST, "--budget", "0", "--format", "json", "-o", "r.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["summary"]["cases"] == 0
    assert len(found["summary"]["not_run"]) == 4
    assert {each["reason"] for each in found["summary"]["not_run"]} == {"the budget was spent"}


def test_nothing_measured_is_no_success_and_names_the_budget(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = called(*FAST, "--budget", "0", cwd=tmp_path)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert [each for each in lines if each.startswith("  not run")] == [
        f"  not run: b=2 h=2 q=8 d=8 k=8 float32 cpu {mode}: the budget was spent"
        for mode in ("forward", "forward+backward")
    ]
    assert lines[-1].startswith("Nothing was measured. 0 cases: ")


def test_strict_fails_if_any_call_was_not_measured(tmp_path: Path) -> None:
    """The result of one of two calls has 64 TiB."""
    write(tmp_path, FILES)
    sizes = ("--size", "i=4194304,j=4194304", "--no-backward")
    found = report(*sizes, cwd=tmp_path)
    assert [each["text"] for each in found["summary"]["notes"]] == ["out of memory"]
    report(*sizes, "--strict", cwd=tmp_path, code=1)
    report("--no-backward", "--strict", cwd=tmp_path)


def test_settings_stand_in_for_options(tmp_path: Path) -> None:
    table = '[tool.einlint.verify]\ndevice = "cuda"\ndtype = ["int8"]\nsizes = { i = 3, b = 5 }\n'
    write(tmp_path, {**FILES, "pyproject.toml": table})
    options = ("verify", "--dry-run", "--preset", "tiny", "--format", "json")
    (_, outer) = json.loads(called(*options, cwd=tmp_path).stdout)["results"]
    (case,) = outer["cases"]
    assert case["sizes"] == {"i": 3, "j": 8}
    assert (case["dtype"], case["device"]) == ("int8", "cuda")
    options = (*options, "--device", "cpu", "--dtype", "int16", "--size", "i=4")
    (_, outer) = json.loads(called(*options, cwd=tmp_path).stdout)["results"]
    (case,) = outer["cases"]
    assert case["sizes"] == {"i": 4, "j": 8}
    assert (case["dtype"], case["device"]) == ("int16", "cpu")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('devise = "cpu"', "unknown key `verify.devise`; did you mean `device`?"),
        ('dtype = "int8"', "`verify.dtype` must be a list of strings"),
        ('dtype = ["int9"]', "unknown dtype `int9` in `verify.dtype`; did you mean"),
        ("sizes = { b = 0 }", "`verify.sizes` must be a table of sizes"),
        ("sizes = { bb = 1 }", "`bb` in `verify.sizes` is not an index"),
        ("device = 1", "`verify.device` must be a string"),
    ],
)
def test_wrong_settings_are_one_clear_line(tmp_path: Path, table: str, message: str) -> None:
    write(tmp_path, {**FILES, "pyproject.toml": f"[tool.einlint.verify]\n{table}\n"})
    done = called("verify", cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr.decode().splitlines()[-1]


def test_nothing_to_verify(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n"})
    done = called(*FAST, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[-1] == "Nothing to verify: no fix was found."


BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {name!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
from einlint.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("name", "extra", "message"),
    [
        ("torch", (), "verify runs the calls and needs torch: pip install torch"),
        (
            "torch",
            ("--dry-run",),
            "verify runs the calls and needs torch: pip install torch",
        ),
        ("jinja2", ("--format", "html"), "this format needs jinja2: pip install jinja2 matplotlib"),
        (
            "matplotlib",
            ("--format", "html"),
            "this format needs matplotlib: pip install jinja2 matplotlib",
        ),
    ],
)
def test_what_is_not_installed_is_told_before_anything_is_run(
    tmp_path: Path, name: str, extra: tuple[str, ...], message: str
) -> None:
    """In one line, and without a traceback."""
    write(tmp_path, FILES)
    command = [sys.executable, "-c", BLOCKED.format(name=name), *FAST, *extra]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"einlint: {message}\n"


def test_torch_without_numpy_warns_of_nothing() -> None:
    """As `pip install torch` leaves it; pytest makes an error of each warning."""
    said = "Failed to initialize NumPy: No module named 'numpy' (Triggered internally at ...)"
    assert with_torch(lambda: warnings.warn(said, stacklevel=1)) is None
    with pytest.raises(UserWarning, match="another"):
        with_torch(lambda: warnings.warn("another", stacklevel=1))


@pytest.mark.parametrize("in_ci", [False, True])
def test_progress_is_for_terminals_alone(tmp_path: Path, in_ci: bool) -> None:
    write(tmp_path, {"a.py": SOURCE})
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "einlint", *FAST, "--no-backward", "--format", "json"]
    variables = {**os.environ, "CI": "true" if in_ci else "", "TERM": "xterm"}
    done = subprocess.run(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=writer, env=variables, timeout=LONGEST
    )
    os.write(writer, b"end")
    seen = os.read(reader, 10_000)
    os.close(reader)
    os.close(writer)
    assert json.loads(done.stdout)["summary"]["cases"] == 1
    assert (b"1/1" in seen) is not in_ci


def test_the_page_goes_to_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"é&.py": SOURCE})
    for extra in ((), ("--dry-run",)):
        options = ("--no-backward", "--format", "html", "-o", "r.html", *extra)
        done = called(*FAST, *options, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert "é&amp;.py:5" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [("--cuda",), ("--device", "cpu:1")])
def test_a_device_that_is_not_here_is_an_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    import torch

    if torch.cuda.is_available() and arguments == ("--cuda",):
        pytest.skip("this machine has the device")
    write(tmp_path, FILES)
    done = called(*FAST, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert "finds no device" in line


def test_a_dry_run_needs_no_device(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = called(*FAST, "--dry-run", "--cuda", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    case = found["results"][0]["cases"][0]
    assert set(case) == {
        *("sizes", "dtype", "device", "mode", "original", "replacement"),
        *("sizes_from", "preset"),
    }
    assert set(case["original"]) == {"operators", "copies", "flops", "bytes"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *((("--size", each), MALFORMED.format(each)) for each in MALFORMED_SIZES),
        (("--size", "z=8"), "no equation with a fix has the index `z`"),
        (("--dtype", "floot32"), "unknown dtype `floot32`; did you mean `float32`?"),
        (("--threads", "99999"), "Invalid value for '--threads': 99999 is not in the range"),
        (("--device", "tpu"), "`tpu` is not a known device: use cpu, cuda, mps"),
        (("--device", "cpu", "--cuda"), "`--cuda` and `--device cpu` cannot be combined"),
        (("--dry-run", "--compile"), "`--dry-run` runs nothing"),
        (("--dry-run", "--strict"), "`--dry-run` runs nothing"),
        (("--profile-dir", "a.py/x", "--size", "i=3,j=5"), "a.py/x: Not a directory"),
        (("--flush-l2",), "`--flush-l2` needs a cuda device"),
        (("--tf32",), "`--tf32` needs a cuda device"),
        (("--no-tf32", "--device", "mps"), "`--no-tf32` needs a cuda device, not `mps`"),
        (("--dry-run", "--cuda", "--flush-l2"), "`--dry-run` runs nothing"),
        (("--dry-run", "--cuda", "--no-tf32"), "`--dry-run` runs nothing"),
        (("nowhere",), "path does not exist: nowhere"),
        (("-o", "a.py/where.txt", "--budget", "0"), "a.py/where.txt: "),
        (("--select", "EIN1O5"), "EIN1O5"),
    ],
)
def test_wrong_usage_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    write(tmp_path, FILES)
    done = called(*FAST, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr.decode().splitlines()[-1]


def test_surely_slower_than_asked_for_is_exit_code_1(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    report("--min-speedup", "1000", "--no-backward", cwd=tmp_path, code=1)


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_verified(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    done = called(*FAST, "--budget", "0", "a.py", "gone.py", cwd=tmp_path)
    assert done.returncode == 2
    assert b"gone.py" in done.stderr
    assert b"a.py:5" in done.stdout


def test_a_file_name_that_is_no_text_does_not_keep_the_report_from_its_file(
    tmp_path: Path,
) -> None:
    (tmp_path / os.fsdecode(b"\xff.py")).write_text(SOURCE)
    done = called(*FAST, "--dry-run", "--no-backward", "-o", "report", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert b"\\udcff.py" in (tmp_path / "report").read_bytes()
