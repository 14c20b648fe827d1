"""Which texts are searched for comments that silence findings."""

import pytest

from einlint.source.prefilter import may_suppress

OF_OTHERS = (
    "import os  # noqa: F401",
    "import os  # NOQA:F401,E402 ",
    "import os  #noqa: F401, E402\nx = 1  # noqa: E501",
)
OF_ALL_OR_OURS = (
    "x = 1  # noqa",
    "x = 1  # noqa: EIN104",
    "x = 1  # noqa: F401, ein104",
    "x = 1  # noqa: F401 EIN104",
    "x = 1  # noqa: F401\nx = 2  # noqa",
    "x = 1  # noqa: F401  # noqa: EIN104",
    "x = 1  # noqa: F401, what einsum does",
    "# flake8: noqa",
    "x = 1  # noqa: F401  # einlint: ignore",
)


@pytest.mark.parametrize("text", OF_OTHERS)
def test_codes_of_other_tools_silence_nothing(text: str) -> None:
    assert not may_suppress(text)


@pytest.mark.parametrize("text", OF_ALL_OR_OURS)
def test_whatever_else_is_read(text: str) -> None:
    assert may_suppress(text)
    assert may_suppress(text.encode())
