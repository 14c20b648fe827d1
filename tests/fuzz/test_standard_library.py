"""Files of the standard library with a call at the end: every other byte survives."""

import ast
import random
import sys
import sysconfig
import time
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from einlint.diagnostics import Applicability
from einlint.linting.engine import check, fix, read
from einlint.linting.findings import Findings
from einlint.settings import Settings
from tests.fuzz.fuzzer import in_time

IMPORT, CALL, FIXED = "import torch", 'torch.einsum("ij,jk->ik", a, b)', "a @ b"
# Seconds for the sample; the largest of all files takes one or two.
SAMPLE = 8.0
LONGEST = 60


def appended(data: bytes) -> tuple[bytes, bytes] | None:
    """The file with the import and the call, and with the fixed call; None: it is no text."""
    try:
        lines = iter(data.splitlines(True))
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return None
    newline = "\r\n" if b"\r\n" in data else "\n"
    codec = encoding.removesuffix("-sig")
    ends = (f"{newline}{IMPORT}{newline}{each}{newline}" for each in (CALL, FIXED))
    before, after = (data + each.encode(codec) for each in ends)
    return before, after


def files() -> Iterator[Path]:
    """The files of the standard library; what is installed beside it is left out."""
    top = Path(sysconfig.get_path("stdlib"))
    yield from (each for each in sorted(top.rglob("*.py")) if "site-packages" not in each.parts)


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
@pytest.mark.filterwarnings("ignore")  # of the files: invalid escapes and the like
def test_every_other_byte_survives(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    found, all_of_them = list(files()), request.config.getoption("--fuzz-minutes") is not None
    random.Random(sys.version_info.minor).shuffle(found)
    started, counts = time.monotonic(), Counter[str]()
    for path in found:
        is_late = time.monotonic() > started + SAMPLE
        if not all_of_them and is_late and counts["fixed"] > 20:
            break
        pair = appended(path.read_bytes())
        if pair is None:
            counts["no text"] += 1
            continue
        with in_time(LONGEST):
            fixed, codes = result(pair[0], str(path))
        if codes == ["EIN000"]:
            assert not is_python(pair[0]), path
            counts["no Python"] += 1
        else:
            # A file may catch errors of einsum, or bind `torch` by a `from ... import *`.
            assert codes in (["EIN104"], []), path
            counts["fixed" if fixed != pair[0] else "left alone"] += 1
        assert fixed in pair, path
    assert counts["fixed"] > 20
    assert counts["left alone"] * 20 < counts["fixed"]
    text = ", ".join(f"{count} {what}" for what, count in counts.items())
    spent = time.monotonic() - started
    record_property("fuzzed", f"{len(found)} files of the standard library: {text}; {spent:.0f} s")


def is_python(data: bytes) -> bool:
    try:
        compile(data, "a.py", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def result(before: bytes, name: str) -> tuple[bytes, list[str]]:
    """The file after a safe fix, and the codes that were found in it before."""
    settings = Settings(extend_assume=("not-the-subject", "errors-not-caught", "plain-einsum"))
    source = read(name, before, settings)
    assert not isinstance(source, Findings)
    codes = [each.code for each in check(source, settings).diagnostics]
    return source.to_bytes(fix(source, settings, Applicability.SAFE).text), codes
