"""Flags for all tests: --regenerate writes what is compared, --fuzz-minutes fuzzes for longer."""

import os
from pathlib import Path

import pytest

from einlint.verify import timing

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write the expected files (goldens, the table of equations) instead of comparing",
    )
    parser.addoption(
        "--fuzz-minutes",
        type=float,
        help="for tests/fuzz: minutes for all kinds together, with random seeds; also all files "
        "of the standard library instead of some",
    )
    parser.addoption("--fuzz-seed", type=int, help="the first seed of tests/fuzz")


class Golden:
    """Compares text with a file of the repository, or writes it with --regenerate."""

    def __init__(self, regenerate: bool) -> None:
        self._regenerate = regenerate

    def check(self, path: Path, actual: str) -> None:
        if self._regenerate:
            path.write_text(actual, encoding="utf-8", newline="")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        # Compared line by line, so that a difference in a large file is printed in short.
        wrong = [
            (number, old, new)
            for number, (old, new) in enumerate(
                zip(expected.splitlines(), actual.splitlines(), strict=False), 1
            )
            if old != new
        ]
        assert not wrong[:5], f"{path}: --regenerate writes it anew"
        assert len(expected.splitlines()) == len(actual.splitlines()), path

    def check_absent(self, path: Path) -> None:
        if self._regenerate:
            path.unlink(missing_ok=True)
        assert not path.exists(), f"{path} is not expected: --regenerate removes it"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(request.config.getoption("--regenerate"))


@pytest.fixture(autouse=True)
def _short_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times only have to be there in most tests: a visit of each case is one round or two."""
    monkeypatch.setattr(timing, "_VISIT_SECONDS", 0.001)
    monkeypatch.setattr(timing, "_SWEEP_SECONDS", 0.001)


@pytest.fixture
def artefacts(tmp_path: Path) -> Path:
    """Where screenshots are kept: the folder that EINLINT_ARTEFACTS names, or nowhere for long."""
    folder = Path(os.environ.get("EINLINT_ARTEFACTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
