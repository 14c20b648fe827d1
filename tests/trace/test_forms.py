"""Whatever way a program takes to torch.einsum, the row that calls it is the one recorded."""

import re
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT
from tests.trace.programs import recorded

PROGRAM = ROOT / "fixtures/traced/forms.py"


def test_rows_and_calls(tmp_path: Path) -> None:
    run = recorded(tmp_path, str(PROGRAM))
    assert (run.code, run.trace.cost.failures) == (0, 0)
    expected = {}
    for number, line in enumerate(PROGRAM.read_text().splitlines(), 1):
        if comment := re.search(r"# (\d+)$", line):
            expected[number] = int(comment[1])
    found: Counter[int] = Counter()
    for row in run.trace.rows:
        assert row.site is not None
        assert row.site.filename == str(PROGRAM)
        found[row.site.row] += row.calls
    assert found == expected
