"""`einlint scan`: Parquet in, Parquet out; killed, damaged, asked for numbers."""

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
# ruff: noqa: E402 -- what needs pyarrow is imported where it is

from einlint.arrow import check_batch
from tests.arrow.tables import BAD, batch, mixed
from tests.cli.run import LONGEST, SOURCE, called, einlint

ROWS = 400
COMMAND = [sys.executable, "-m", "einlint", "scan", "a.parquet", "-o", "found.parquet"]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einlint.arrow.plan._ROWS", 16)


def sources(folder: Path, name: str = "a.parquet", **options: Any) -> "pa.RecordBatch":
    """Write a file of sources; its rows."""
    rows = mixed(ROWS)
    pq.write_table(pa.Table.from_batches([rows]), folder / name, **options)
    return rows


def named(names: list[str]) -> "pa.RecordBatch":
    """Rows with other names of the columns."""
    return pa.RecordBatch.from_arrays(mixed(20).columns, names)


def found_in(folder: Path, name: str = "found.parquet") -> list[dict[str, Any]]:
    return list(pq.read_table(folder / name).to_pylist())


@pytest.mark.parametrize("group", [7, 64, ROWS])
@pytest.mark.usefixtures("small_pieces")
def test_the_findings_of_all_rows_in_their_order(tmp_path: Path, group: int) -> None:
    rows = sources(tmp_path, row_group_size=group)
    done = called("scan", "a.parquet", "-o", "found.parquet", "-j2", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"found.parquet has the findings in 400 rows.\n"
    assert found_in(tmp_path) == check_batch(rows).to_pylist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "found.parquet"]


def test_as_a_user_runs_it_with_several_files_and_names_of_columns(tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        rows = named(["file", "text", "repo"])
        pq.write_table(pa.Table.from_batches([rows]), tmp_path / name)
    names = ("--path-column", "file", "--content-column", "text")
    done = einlint("scan", "a.parquet", "b.parquet", "-o", "x/f.parquet", *names, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = found_in(tmp_path, "x/f.parquet")
    expected = check_batch(rows, path_column="file", content_column="text").to_pylist()
    assert found == expected * 2


def test_a_file_with_two_names_is_scanned_once(tmp_path: Path) -> None:
    rows = sources(tmp_path)
    (tmp_path / "link.parquet").symlink_to("a.parquet")
    called("scan", "a.parquet", "./a.parquet", "link.parquet", "-o", "found.parquet", cwd=tmp_path)
    assert found_in(tmp_path) == check_batch(rows).to_pylist()


@pytest.mark.usefixtures("small_pieces")
def test_what_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run ends in the middle; the next one does the rest, and one after that does nothing."""
    rows = sources(tmp_path, row_group_size=100)
    with monkeypatch.context() as patch:
        patch.setattr("einlint.arrow.parts.Parts.join", interrupted)
        done = called("scan", "a.parquet", "-o", "found.parquet", cwd=tmp_path)
    assert done.returncode == 130
    assert b"run the same command again to go on" in done.stderr
    parts = sorted((tmp_path / "found.parquet.parts").iterdir())
    for number, part in enumerate(parts):
        if number % 3 == 0:
            part.unlink()
        elif number % 3 == 1:
            part.write_bytes(part.read_bytes()[:-100])  # a disk without power
    done = called("scan", "a.parquet", "-o", "found.parquet", cwd=tmp_path)
    (earlier,) = re.findall(rb"400 rows \((\d+) of them by an earlier run\)", done.stderr)
    assert 0 < int(earlier) < 200
    assert found_in(tmp_path) == check_batch(rows).to_pylist()
    written = (tmp_path / "found.parquet").stat().st_mtime_ns
    done = called("scan", "a.parquet", "-o", "found.parquet", cwd=tmp_path)
    assert b"400 rows (400 of them by an earlier run)" in done.stderr
    assert (tmp_path / "found.parquet").stat().st_mtime_ns == written


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("change", ["settings", "sources"])
def test_other_settings_or_sources_are_another_scan(tmp_path: Path, change: str) -> None:
    sources(tmp_path)
    called("scan", "a.parquet", "-o", "found.parquet", cwd=tmp_path)
    options = ["--select", "EIN202"] if change == "settings" else []
    if change == "sources":
        pq.write_table(pa.Table.from_batches([mixed(30)]), tmp_path / "a.parquet")
    done = called("scan", "a.parquet", "-o", "found.parquet", *options, cwd=tmp_path)
    assert b"earlier" not in done.stderr
    codes = {row["code"] for row in found_in(tmp_path)} - {None, "EIN000"}
    assert codes == (set() if change == "settings" else {"EIN105"})


def test_killed_again_and_again(tmp_path: Path) -> None:
    """Nothing is lost and nothing double."""
    rows = batch([SOURCE.encode() + b"\n" * number for number in range(200)])
    pq.write_table(pa.Table.from_batches([rows]), tmp_path / "a.parquet", row_group_size=10)
    parts = tmp_path / "found.parquet.parts"
    for kill in range(3):
        before = len(list(parts.glob("*.arrow")))
        process = subprocess.Popen(COMMAND, cwd=tmp_path, stderr=subprocess.DEVNULL)
        while len(list(parts.glob("*.arrow"))) < before + 1 + kill:
            assert process.poll() is None, "it has ended before it could be killed"
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert not (tmp_path / "found.parquet").exists()
    done = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    assert done.returncode == 0
    assert b"of them by an earlier run" in done.stderr
    assert found_in(tmp_path) == check_batch(rows).to_pylist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "found.parquet"]


CRASHING = """
import os, signal, sys
import einlint.arrow.batch as module
from einlint.cli.main import main

def records_of(row, settings, real=module.records_of):
    if row.filename == "m50.py":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(row, settings)

module.records_of = records_of
sys.argv[1:] = ["scan", "a.parquet", "-o", "found.parquet", "-j2"]
main()
"""


def test_a_row_that_kills_the_process_is_a_row_with_that_reason(tmp_path: Path) -> None:
    rows = mixed(60)
    pq.write_table(pa.Table.from_batches([rows]), tmp_path / "a.parquet")
    command = [sys.executable, "-c", CRASHING]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr
    found = {row["path"]: row for row in found_in(tmp_path)}
    crashed = found.pop("m50.py")
    assert (crashed["problem"], crashed["repo"]) == ("crashed", 50)
    assert crashed["message"] == "the process that checked it was killed by SIGKILL"
    expected = {row["path"]: row for row in check_batch(rows).to_pylist()}
    del expected["m50.py"]
    assert found == expected


def test_a_damaged_file_is_said_and_no_half_of_a_result_is_written(tmp_path: Path) -> None:
    sources(tmp_path, row_group_size=100, compression="zstd")
    path = tmp_path / "a.parquet"
    start = pq.ParquetFile(path).metadata.row_group(2).column(1).data_page_offset
    data = bytearray(path.read_bytes())
    data[start + 20 : start + 60] = bytes(40)
    path.write_bytes(data)
    done = called("scan", "a.parquet", "-o", "found.parquet", cwd=tmp_path)
    assert done.returncode == 2
    assert b"einlint: a.parquet: rows 0 to 100 of row group 2: " in done.stderr
    assert b"found.parquet was not written; run again to go on" in done.stderr
    assert not (tmp_path / "found.parquet").exists()


def test_two_scans_do_not_write_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    sources(tmp_path)
    monkeypatch.setattr("einlint.cli.scan_run._PATIENCE", 0.1)
    (tmp_path / "found.parquet.parts").mkdir()
    handle = os.open(tmp_path / "found.parquet.parts", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    done = called("scan", "a.parquet", "-o", "found.parquet", cwd=tmp_path)
    os.close(handle)
    assert done.returncode == 2
    assert b"another scan is writing it" in done.stderr


def test_the_summary_counts_by_a_column_and_draws_a_picture(tmp_path: Path) -> None:
    contents: list[bytes | str | None] = [SOURCE.encode(), SOURCE.encode(), *BAD.values()]
    rows = batch(contents)
    names = pa.array(["one", "<b>&two", "one", "one", None, "x", "y"])
    rows = pa.RecordBatch.from_arrays([*rows.columns[:2], names], ["path", "content", "repo"])
    pq.write_table(pa.Table.from_batches([rows]), tmp_path / "a.parquet")
    arguments = ("--summary", "--by", "repo", "--html", "page.html")
    done = called("scan", "a.parquet", "-o", "found.parquet", *arguments, cwd=tmp_path)
    text = done.stdout.decode()
    assert text.startswith(
        "2 findings: 2 with a safe fix, 0 with an unsafe one; 5 rows could not be checked\n"
    )
    table = re.sub(" +", " ", text)
    assert "by repo findings safe unsafe\n<b>&two 1 1 0\none 1 1 0\n" in table
    assert "bhqd,bhkd->bhqk batched-matmul 2 2 0\n" in table
    assert " too-large: 1 row\n" in table
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 3
    assert "&lt;b&gt;&amp;two" in page
    assert "<b>" not in page
    assert not re.search(r"https?:|<script|<link|@import|url\(", page)
    again = called("scan", "found.parquet", "--summary", "--by", "repo", cwd=tmp_path)
    assert again.stdout.decode() == text


def test_summed_up_findings_without_one(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_batches([batch([b"x = 1"])]), tmp_path / "a.parquet")
    done = called(
        "scan", "a.parquet", "-o", "f.parquet", "--summary", "--html", "p.html", cwd=tmp_path
    )
    assert done.stdout == (
        b"0 findings: 0 with a safe fix, 0 with an unsafe one; 0 rows could not be checked\n"
    )
    assert "<svg" not in (tmp_path / "p.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.parquet"], b"-o FILE is needed for the findings"),
        (["missing.parquet", "-o", "f.parquet"], b"path does not exist: missing.parquet"),
        (["a.parquet", "-o", "a.parquet"], b"it is one of the sources"),
        (["no.parquet", "-o", "f.parquet"], b"no.parquet: "),
        (["a.parquet", "other.parquet", "-o", "f.parquet"], b"other.parquet has other columns"),
        (["a.parquet", "-o", "f.parquet", "--path-column", "name"], b"no column `name`"),
        (
            ["a.parquet", "--summary"],
            b"a.parquet: it holds no findings: there is no column `problem`",
        ),
        (["a.parquet", "-o", "f.parquet", "--summary", "--by", "fix"], b"no column `fix` to count"),
        (["a.parquet", "-o", "f.parquet", "--select", "EIN999"], b"EIN999"),
        (["a.parquet", "-o", "pipe"], b"pipe: not a regular file"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, arguments: list[str], said: bytes) -> None:
    sources(tmp_path)
    (tmp_path / "no.parquet").write_text("no")
    os.mkfifo(tmp_path / "pipe")
    other = named(["path", "content", "number"])
    pq.write_table(pa.Table.from_batches([other]), tmp_path / "other.parquet")
    done = called("scan", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_pyarrow_the_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("")
    script = "import sys\nsys.modules['pyarrow'] = None\nfrom einlint.cli.main import main\nmain()"
    command = [sys.executable, "-c", script, "scan", "a.parquet", "-o", "f.parquet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    assert done.returncode == 2
    assert done.stderr == (
        b"einlint: scan reads Parquet and needs pyarrow: pip install 'einlint[scan]'\n"
    )


def test_progress_is_shown_on_a_terminal(tmp_path: Path) -> None:
    sources(tmp_path)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "CI": ""}
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stderr=theirs, env=environment)
    assert process.wait(LONGEST) == 0
    os.close(theirs)
    assert b"400/400" in os.read(ours, 65536)
    os.close(ours)


def test_settings_of_the_current_folder_and_pedantic(tmp_path: Path) -> None:
    source = 'import torch\nx = torch.einsum("ij->ji", torch.ones(2, 3))\n'
    pq.write_table(pa.Table.from_batches([batch([source.encode()])]), tmp_path / "a.parquet")
    called("scan", "a.parquet", "-o", "f.parquet", "--pedantic", cwd=tmp_path)
    before = found_in(tmp_path, "f.parquet")
    assert [row["code"] for row in before] == ["EIN108"]
    (tmp_path / "einlint.toml").write_text('ignore = ["EIN108"]\n')
    called("scan", "a.parquet", "-o", "f.parquet", "--pedantic", cwd=tmp_path)
    assert found_in(tmp_path, "f.parquet") == []
    called("scan", "a.parquet", "-o", "f.parquet", "--pedantic", "--isolated", cwd=tmp_path)
    assert found_in(tmp_path, "f.parquet") == before
