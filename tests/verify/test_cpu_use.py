"""What other programs took of the CPUs."""

import os
import time
from pathlib import Path

import pytest

from einlint.verify import cpu_use as room
from einlint.verify.cpu_use import CpuUse

START = CpuUse(wall=5.0, own=1.0, total=100.0, cpus=4)


@pytest.mark.parametrize(
    ("own", "total", "threads", "share"),
    [
        (21.0, 120.0, 2, 0.0),  # alone
        (11.0, 130.0, 2, 0.0),  # others on the two CPUs that are left
        (11.0, 130.0, 4, 0.5),  # others on two of our four
        (11.0, 150.0, 4, 1.0),  # others on all
        (11.0, 150.0, 1, 1.0),
        (31.0, 110.0, 4, 0.0),  # clocks that disagree
    ],
)
def test_others_take_nothing_while_a_cpu_is_left_for_each_thread(
    own: float, total: float, threads: int, share: float
) -> None:
    later = CpuUse(15.0, own, total, 4)
    assert START.busy_until(later, threads) == pytest.approx(share)


def test_the_counts_of_linux_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = tmp_path / "stat"
    monkeypatch.setattr(room, "_STAT", stat)
    stat.write_text("cpu  1 2 4 1000 1000 8 16 32 1 0\ncpu0 1 2\ncpu1 0 0\nintr 5 0\n")
    now = CpuUse.now()
    assert now.total == pytest.approx(63 / os.sysconf("SC_CLK_TCK"))
    assert now.cpus == 2


@pytest.mark.parametrize("text", [None, "", "cpu one\n", "cpu  1 2\n"])
def test_without_the_counts_it_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.setattr(room, "_STAT", tmp_path / "stat")
    if text is not None:
        (tmp_path / "stat").write_text(text)
    earlier = CpuUse.now()
    time.sleep(0.001)
    assert earlier.busy_until(CpuUse.now(), 1) is None
