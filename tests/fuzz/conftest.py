"""The fixture `fuzzer`, by the options --fuzz-minutes and --fuzz-seed; and the figures of a run."""

import random
import sys
import time
from collections.abc import Iterator

import pytest

from tests.fuzz.fuzzer import Fuzzer

# Seconds for all kinds together; .ci/run has four environments.
DEFAULT = 40.0


@pytest.fixture
def fuzzer(request: pytest.FixtureRequest) -> Iterator[Fuzzer]:
    """With a fixed seed for each Python, or random ones where the user gives it minutes."""
    minutes = request.config.getoption("--fuzz-minutes")
    chosen = request.config.getoption("--fuzz-seed")
    if chosen is None:
        chosen = sys.version_info.minor if minutes is None else random.randrange(10**6)
    found = Fuzzer(DEFAULT if minutes is None else 60 * minutes, chosen)
    started = time.monotonic()
    yield found
    spent = time.monotonic() - started
    text = f"{request.node.name}: {found.inputs} inputs in {spent:.0f} s, from seed {found.seed}"
    request.node.user_properties.append(("fuzzed", text))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures, where the user asked for minutes."""
    if terminalreporter.config.getoption("--fuzz-minutes") is None:
        return
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "teardown":
                for name, text in report.user_properties:
                    if name == "fuzzed":
                        terminalreporter.write_line(str(text))
