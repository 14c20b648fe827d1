"""Runs on a GPU, tested on one that is made up: what is timed, read and reported."""

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.autograd.profiler_util import EventList

from einlint.verify.device_time import LAUNCH_BOUND, is_launch_bound, kernel_seconds
from einlint.verify.formats import format_named
from einlint.verify.report import Kernel, Measurement, Result, Spread, Verdict
from einlint.verify.running import runner
from einlint.verify.running.backends import cuda
from einlint.verify.running.block_timer import host_timer
from einlint.verify.running.dry_run import dry_run
from einlint.verify.running.job import Job
from einlint.verify.running.profiles import Profiles
from einlint.verify.telemetry import card_facts, or_none
from einlint.verify.timing import Block, Clock
from tests.cli.run import called, write
from tests.verify.jobs import blocks_of, job, rewrite
from tests.verify.stub_cuda import FLUSH, L2_BYTES, SHORT, US, Cost, StubCuda, stub_cuda
from tests.verify.stub_places import watch_places

BMM = rewrite("bij,bjk->bik", "torch.bmm(a, b)")
# The host needs longer to launch the original; on the device both sides are far apart, too.
COSTS = {
    "einsum": Cost(host=20 * US, device=6 * US, peak=512),
    "bmm": Cost(host=10 * US, device=2 * US, peak=256),
}
# The device works longer than the host launches.
SLOW = {"einsum": Cost(2 * US, 60 * US), "bmm": Cost(2 * US, 20 * US)}
SECOND = torch.device("cuda:1")


class DriverError(Exception):
    """What a telemetry library may raise: an error of its own."""


def fail(*given: object, **options: object) -> object:
    raise DriverError("the driver is gone")


def on_cuda(device: torch.device = SECOND, **changes: object) -> Job:
    made = job(BMM, backward=False)
    return replace(made, device=device, backend=cuda.BACKEND, **changes)  # type: ignore[arg-type]


def sides(one: Job) -> tuple[Result, Measurement, Measurement]:
    """The only case of a job, and what its two sides cost."""
    (result,) = runner.run_job(one).cases
    assert result.original is not None
    assert result.replacement is not None
    return result, result.original, result.replacement


def about(one: Job) -> dict[str, str | int | float | None]:
    return dict(runner.run_job(one).environment)


def timed(
    stub: StubCuda, cost: Cost, calls: int, make: Callable[..., Callable[[int], Block]]
) -> Block:
    with stub.device(SECOND):
        return make("work(cost)", {"work": stub.launch, "cost": cost})(calls)


class TestTimer:
    def test_the_device_works_while_the_host_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub = stub_cuda(monkeypatch, {})
        block = timed(stub, Cost(2 * US, 50 * US), 10, lambda *given: cuda.BACKEND.timer(*given, 1))
        assert block.calls == 10
        assert block.wall == pytest.approx(502 * US)
        assert block.device == pytest.approx(502 * US)
        assert block.cpu is None
        assert block.between is None

    def test_work_of_before_is_not_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub = stub_cuda(monkeypatch, {})
        with stub.device(SECOND):
            stub.launch(Cost(US, 1.0))
        block = timed(stub, Cost(2 * US, 50 * US), 10, lambda *given: cuda.BACKEND.timer(*given, 1))
        assert block.wall == pytest.approx(502 * US)
        assert block.device == pytest.approx(502 * US)

    def test_waiting_for_another_device_is_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A test of the made-up device: it has the error that torch raises."""
        stub = stub_cuda(monkeypatch, {})

        def wrong(statement: str, names: dict[str, object]) -> Callable[[int], Block]:
            first = torch.device("cuda:0")
            return host_timer(
                statement, names, wait=lambda: stub.synchronize(first), event=cuda._event
            )

        with pytest.raises(RuntimeError, match="device not ready"):
            timed(stub, Cost(2 * US, 50 * US), 10, wrong)

    def test_cold_calls_are_timed_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub = stub_cuda(monkeypatch, {})
        assert cuda.BACKEND.cold_timer is not None
        make = cuda.BACKEND.cold_timer
        block = timed(stub, Cost(2 * US, 5 * US), 10, lambda *given: make(*given, SECOND))
        assert block.device == block.wall == pytest.approx(10 * 5 * US * stub.cold_factor)
        assert block.spent == pytest.approx(10 * (FLUSH + 5 * US * stub.cold_factor), rel=0.01)
        assert stub.flushes == 10
        assert stub.flushed_bytes == 2 * L2_BYTES

    @pytest.mark.parametrize("properties", [fail, lambda device: object()])
    def test_an_unknown_l2_is_taken_for_a_large_one(
        self, monkeypatch: pytest.MonkeyPatch, properties: Callable[[object], object]
    ) -> None:
        stub_cuda(monkeypatch, {})
        monkeypatch.setattr(torch.cuda, "get_device_properties", properties)
        assert cuda._l2_bytes(SECOND) >= 100 * 2**20


class TestRun:
    def test_the_second_device_works_and_the_first_is_current_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stub = stub_cuda(monkeypatch, COSTS)
        result, before, after = sides(on_cuda())
        assert result.case.device == "cuda:1"
        assert (stub.busy, stub.current) == ({1}, 0)
        assert (before.peak_bytes, after.peak_bytes) == (512, 256)
        assert before.kernels == (Kernel("made_up", 1, pytest.approx(6 * US)),)

    @pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64"])
    def test_no_tensor_of_the_gpu_meets_one_of_the_cpu(
        self, monkeypatch: pytest.MonkeyPatch, dtype: str
    ) -> None:
        """The gradient to start from was on the CPU, so every replacement was wrong on a GPU."""
        stub_cuda(monkeypatch, {**COSTS, "outer": COSTS["bmm"]})
        monkeypatch.setattr(runner, "sample", blocks_of(2.0, 1.0))
        one = job(BMM, rewrite("i,j->ij", "torch.outer(a, b)"), dtypes=(dtype,))
        one = replace(one, device=SECOND, backend=cuda.BACKEND)
        with watch_places(monkeypatch) as places:
            report = runner.run_job(one)
        assert places.met == []
        assert {each.verdict for each in report.cases} == {Verdict.FASTER}

    def test_that_test_notices_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub_cuda(monkeypatch, {})
        with watch_places(monkeypatch) as places:
            here = torch.randn(3, 3)
            there = here.to(SECOND)
            assert (here.device.type, (there.mT * 2).device.type) == ("cpu", "cuda")
            with pytest.raises(RuntimeError, match="same device"):
                there @ here
        assert places.met == ["aten.mm.default"]

    def test_without_a_number_it_is_the_current_device(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stub = stub_cuda(monkeypatch, COSTS)
        sides(on_cuda(torch.device("cuda")))
        assert stub.busy == {0}

    def test_the_first_device_is_current_again_after_an_error(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stub = stub_cuda(monkeypatch, COSTS)
        monkeypatch.setattr(runner, "sample", fail)
        with pytest.raises(DriverError):
            runner.run_job(on_cuda())
        assert stub.current == 0

    def test_a_dry_run_selects_the_device_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub = stub_cuda(monkeypatch, COSTS)
        (result,) = dry_run(on_cuda()).results
        assert len(result.cases) == 1
        assert (stub.busy, stub.current) == ({1}, 0)

    def test_device_time_beside_host_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub_cuda(monkeypatch, SLOW)
        result, before, after = sides(on_cuda())
        assert before.device_seconds is not None
        assert before.device_seconds.median == pytest.approx(60 * US, rel=0.01)
        assert after.seconds.median == pytest.approx(20 * US, rel=0.01)
        assert result.clock is Clock.WALL
        assert result.device_speedup is not None
        assert result.device_speedup.median == pytest.approx(3, rel=0.01)
        assert result.verdict is Verdict.FASTER

    def test_flushed_calls_are_judged_by_the_clock_of_the_device(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The host needs twice as long for the original, and the device as long for both."""
        costs = {"einsum": Cost(20 * US, 5 * US), "bmm": Cost(10 * US, 5 * US)}
        stub = stub_cuda(monkeypatch, costs)
        warm, *_ = sides(on_cuda())
        assert warm.verdict is Verdict.FASTER
        started = stub.now
        result, before, _ = sides(on_cuda(flush_l2=True))
        assert result.clock is Clock.DEVICE
        assert result.verdict is Verdict.SAME
        assert result.speedup == result.device_speedup
        assert before.seconds.median == pytest.approx(5 * US * stub.cold_factor)
        assert stub.flushes > 100
        assert stub.now - started < 20 * SHORT, "the flushes take most of the time of a visit"

    def test_a_case_that_does_not_fit_is_not_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Three tensors of 2 * 8 * 8 numbers of 4 bytes in 90 % of what is free."""
        stub = stub_cuda(monkeypatch, COSTS)
        stub.free = int(1536 / 0.9) + 1
        assert sides(on_cuda())[0].speedup is not None
        stub.free -= 2
        stub.busy.clear()
        (result,) = runner.run_job(on_cuda()).cases
        assert result.verdict is Verdict.UNSURE
        assert result.note == "does not fit in memory: it needs 1.5 KiB, 1.665 KiB are free"
        assert result.original is None

    @pytest.mark.parametrize("wanted", [True, False, None])
    def test_tf32_is_said_and_as_before_afterwards(
        self, monkeypatch: pytest.MonkeyPatch, wanted: bool | None
    ) -> None:
        stub_cuda(monkeypatch, COSTS)
        matmul = torch.backends.cuda.matmul
        assert not matmul.allow_tf32
        for before in (True, False):
            matmul.allow_tf32 = before
            expected = before if wanted is None else wanted
            found = about(on_cuda(tf32=wanted))
            is_restored = matmul.allow_tf32 is before
            matmul.allow_tf32 = False
            assert is_restored
            assert found["allow_tf32"] == str(expected)


class TestTelemetry:
    def test_what_a_card_is_and_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub_cuda(monkeypatch, COSTS)
        asked = answer(monkeypatch, "550.54.15, 1980, 1980, 2619\n")
        found = about(on_cuda())
        assert "--id=GPU-uuid-1" in asked
        assert found["device_name"] == "Made-up GPU 1"
        assert found["driver"] == "550.54.15"
        assert (found["clock_mhz"], found["highest_clock_mhz"]) == (1980, 1980)
        assert found["memory_clock_mhz"] == 2619
        assert found["cuda"] == torch.version.cuda

    def test_what_the_tool_does_not_know_torch_may(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub_cuda(monkeypatch, COSTS)
        answer(monkeypatch, "550.54.15, [N/A], [Not Supported], 2619\n")
        found = about(on_cuda())
        assert found["clock_mhz"] == 1001
        assert "highest_clock_mhz" not in found
        assert found["memory_clock_mhz"] == 2619

    @pytest.mark.parametrize("text", ["", "No devices were found\n", "1, 2, 3\n"])
    def test_an_answer_of_another_form_is_none(
        self, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        answer(monkeypatch, text)
        assert or_none(lambda: card_facts("GPU-1")) is None

    @pytest.mark.parametrize(
        "names",
        [("clock_rate",), ("get_device_properties",), ("get_device_name",)],
    )
    def test_whatever_it_raises_the_report_is_there(
        self, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
    ) -> None:
        stub_cuda(monkeypatch, COSTS)
        for name in names:
            monkeypatch.setattr(torch.cuda, name, fail)
        report = runner.run_job(on_cuda())
        assert report.cases[0].verdict is Verdict.FASTER
        assert "driver" not in dict(report.environment)
        assert dict(report.environment)["device_name"]

    def test_without_kernels_nothing_is_called_launch_bound(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The driver may keep its counters from users."""
        stub_cuda(monkeypatch, COSTS)
        monkeypatch.setattr(cuda, "profile", fail)
        report = runner.run_job(on_cuda())
        assert report.cases[0].original is not None
        assert report.cases[0].original.kernels is None
        assert "launch-bound" not in format_named("text").render(report)

    def test_no_memory_for_the_profile_is_no_telemetry(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(activities: object) -> object:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")

        stub_cuda(monkeypatch, COSTS)
        monkeypatch.setattr(cuda, "profile", full)
        (result,) = runner.run_job(on_cuda()).cases
        assert result.note == "out of memory"


class TestReport:
    def text(self, one: Job, name: str = "text") -> str:
        return format_named(name).render(runner.run_job(one))

    def test_launch_bound_is_said_in_every_format(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub_cuda(monkeypatch, {**COSTS, "bmm": SLOW["bmm"]})
        words = "kernels 6 us > 20 us"
        for name in ("text", "html"):
            text = self.text(on_cuda(), name).replace("&gt;", ">")
            assert words in text
            (line,) = [line for line in text.splitlines() if words in line]
            assert "device time 20." in line
            assert "host time 20." in line
            assert (
                line.removesuffix("</li></ul>")
                .split("</li>")[0]
                .endswith("launch-bound: the original")
            )
        (result,) = json.loads(self.text(on_cuda(), "json"))["results"]
        (case,) = result["cases"]
        assert case["original"]["launch_bound"] is True
        assert case["replacement"]["launch_bound"] is False
        assert case["original"]["kernel_seconds"] == pytest.approx(6 * US)
        assert case["device_speedup"]["median"] == pytest.approx(1.0, rel=0.02)

    def test_rates_are_those_of_the_device(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Twice 2 * 8 * 8 * 8 FLOPs, and three tensors of 512 bytes."""
        stub_cuda(monkeypatch, SLOW)
        report = json.loads(self.text(on_cuda(), "json"))
        side = report["results"][0]["cases"][0]["replacement"]
        assert (side["flops"], side["bytes"]) == (2048, 1536)
        assert side["tflop_per_second"] == pytest.approx(2048 / (20 * US) / 1e12, rel=0.01)
        assert side["gb_per_second"] == pytest.approx(1536 / (20 * US) / 1e9, rel=0.01)
        text = self.text(on_cuda())
        assert re.search(r"; TFLOP/s 3\.4\d?e-05 > 0\.000102; GB/s 0\.025\d > 0\.076\d", text)

    def test_flushed_calls_have_no_host_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stub_cuda(monkeypatch, COSTS)
        text = self.text(on_cuda(flush_l2=True))
        assert "device time 12 us > 4 us" in text
        assert "each call after a flush of L2" in text
        assert "host time" not in text
        assert "launch-bound" not in text

    @pytest.mark.parametrize(("share", "expected"), [(0.99, True), (1.01, False)])
    def test_the_threshold_of_launch_bound(self, share: float, expected: bool) -> None:
        kernels = tuple(Kernel(name, 1, share * LAUNCH_BOUND / 2) for name in "ab")
        side = Measurement(Spread(1.0, 0.0, 1.0), None, 1, kernels)
        assert kernel_seconds(side) == pytest.approx(share * LAUNCH_BOUND)
        assert is_launch_bound(side) is expected
        assert not is_launch_bound(replace(side, kernels=()))


class TestCommand:
    SOURCE = 'import torch\n\nz = torch.einsum("i,j->ij", u, v)\n'

    def verify(self, folder: Path, *options: str) -> str:
        write(folder, {"a.py": self.SOURCE})
        fast = ("--isolated", "--preset", "tiny", "--no-backward", "--device", "cuda:1")
        done = called("verify", *fast, *options, cwd=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def test_all_options_for_a_gpu(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        stub = stub_cuda(monkeypatch, {"einsum": COSTS["einsum"], "outer": COSTS["bmm"]})
        text = self.verify(tmp_path, "--flush-l2", "--tf32")
        assert "device_name Made-up GPU 1" in text
        assert "allow_tf32 True" in text
        assert "each call after a flush of L2" in text
        assert stub.busy == {1}

    def test_profiles_are_sorted_by_the_time_of_the_device(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []
        table = EventList.table

        def spy(events: EventList, sort_by: str, **options: object) -> str:
            asked.append(sort_by)
            return str(table(events, sort_by=sort_by, **options))

        stub_cuda(monkeypatch, COSTS)
        monkeypatch.setattr(EventList, "table", spy)
        runner.run_job(on_cuda(profiles=Profiles(tmp_path)))
        assert asked == ["cuda_time_total"]
        assert "on cuda:1" in next(tmp_path.glob("*.txt")).read_text()

    def test_a_device_beyond_the_last_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stub_cuda(monkeypatch, COSTS)
        write(tmp_path, {"a.py": self.SOURCE})
        done = called("verify", "--isolated", "--device", "cuda:2", cwd=tmp_path)
        assert done.returncode == 2
        assert b"finds no device `cuda:2`" in done.stderr


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
    """Let nvidia-smi answer; returns the list that will hold its arguments."""
    asked: list[str] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        asked.extend(command)
        return subprocess.CompletedProcess(command, 0, text)

    monkeypatch.setattr("einlint.verify.telemetry.subprocess.run", run)
    return asked
