"""`benchmarks/gpu.py`: its table on a made-up GPU, and one line without any."""

import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO

import pytest
import torch

from tests.conftest import ROOT
from tests.verify.stub_cuda import US, Cost, stub_cuda

COSTS = {
    "einsum": Cost(host=20 * US, device=6 * US),
    "bmm": Cost(host=10 * US, device=8 * US),
    "outer": Cost(host=2 * US, device=6 * US),
}


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
def test_without_a_gpu_it_ends_with_one_line() -> None:
    command = [sys.executable, "benchmarks/gpu.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "finds no device `cuda`" in line


@pytest.fixture(scope="module")
def lines() -> list[str]:
    output = StringIO()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads wait for each other where others use the CPUs, too
    with pytest.MonkeyPatch.context() as monkeypatch, redirect_stdout(output):
        stub_cuda(monkeypatch, COSTS).free = 2**14
        monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
        import gpu

        large = {"i": 64, "j": 64}
        rows = (
            ("bij,bjk->bik", "torch.bmm(a, b)", (dict.fromkeys("bijk", 8),)),
            ("i,j->ij", "torch.outer(a, b)", ({"i": 8, "j": 8}, large)),
        )
        monkeypatch.setattr(gpu, "TABLE", rows)
        gpu.main(["--device", "cuda:1"])
    torch.set_num_threads(threads)
    return output.getvalue().splitlines()


class TestTable:
    def test_it_names_the_card_and_has_a_row_for_each_case(self, lines: list[str]) -> None:
        about, nothing, header, rule, *rows = lines
        assert about.startswith("device_name Made-up GPU 1, torch ")
        assert "allow_tf32 False" in about
        assert nothing == ""
        columns = header.count("|")
        assert {line.count("|") for line in (rule, *rows)} == {columns}
        assert len(rows) == 3 * 2

    def test_both_ratios_are_there_and_which_side_is_launch_bound(self, lines: list[str]) -> None:
        cells = [cell.strip() for cell in lines[4].strip("|").split("|")]
        assert cells[:4] == ["`bij,bjk->bik`", "b=8 i=8 j=8 k=8", "float32", "`torch.bmm(a, b)`"]
        host, device, *_ = (float(cell.split()[0]) for cell in cells[4:6])
        assert host == pytest.approx(2.0, abs=0.1)
        assert device == pytest.approx(2.0, abs=0.1)
        assert cells[7] == "6 us (1) > 8 us (1)"
        assert cells[10:] == ["einsum", "faster"]

    def test_what_does_not_fit_has_a_row_that_says_so(self, lines: list[str]) -> None:
        assert "unsure: does not fit in memory: it needs 16.5 KiB" in lines[-2]


def test_all_rows_of_the_table_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    from einlint.verify.running.probe import find_right_reading

    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import gpu

    for equation, replacement, choices in gpu.TABLE:
        rewrite = gpu._rewrite(equation, replacement)
        assert find_right_reading(rewrite)[1] is None, equation
        for sizes in choices:
            assert set(sizes) == set(rewrite.pair.equation.labels)
