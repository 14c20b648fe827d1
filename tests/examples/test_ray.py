"""The recipe for Ray Data: two workers, of which one is killed in the middle."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
ray = pytest.importorskip("ray")
# ruff: noqa: E402 -- what needs ray is imported where it is

import pyarrow as pa

from examples import ray_data
from tests.examples.recipes import expected, found, sources

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module", autouse=True)
def _two_workers() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, configure_logging=False)
    yield
    ray.shutdown()


def killed_once(mark: Path) -> Callable[[pa.Table], pa.Table]:
    """The function of the recipe; the first process that sees a row behind the middle dies."""
    real = ray_data.findings

    def findings(table: pa.Table) -> pa.Table:
        if max(table["repo"].to_pylist(), default=0) > 300 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return real(table)

    return findings


@pytest.mark.parametrize("is_killed", [False, True])
def test_nothing_is_lost_and_nothing_double(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    path, mark, output = sources(tmp_path), tmp_path / "mark", tmp_path / "found"
    if is_killed:
        monkeypatch.setattr(ray_data, "findings", killed_once(mark))
    ray_data.scan([str(path)], str(output))
    assert mark.exists() == is_killed
    assert found(output) == expected(path)
