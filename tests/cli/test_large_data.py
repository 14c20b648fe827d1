"""A large file of data with the word in a string costs no parser's memory; one with a call does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import LONGEST, SOURCE, findings, write

DATA = "TABLE = [\n" + "    1, 22, 333, 4444, 5.5,\n" * 60_000 + "]\n"
MEGABYTES = 120  # the parser took 350

PEAK = """
import sys
from einlint.cli.main import main

sys.argv[1:] = ["a.py"]
try:
    main()
finally:
    with open("/proc/self/status") as status:
        print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_its_memory(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f'NAME = "einsum"\n{DATA}'})
    command = [sys.executable, "-c", PEAK]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    *_, kilobytes = done.stdout.split()
    assert b"All checks passed!" in done.stdout
    assert int(kilobytes) < MEGABYTES * 1024


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{DATA}{SOURCE}", ["EIN105"]),
        (f"x = 'it\\'s'\n{SOURCE}{DATA}", ["EIN105"]),
        (f"x = '''\n\"\"\"\n'''\n{SOURCE}{DATA}", ["EIN105"]),
        (f"import torch\nx = f'{{torch.einsum(\"i,i\", a, b)}}'\n{DATA}", ["EIN101"]),
        (f"# it's einsum\nx = '''einsum'''\n{DATA}", []),
        (f"x = r'einsum\\'  'einsum'\n{DATA}", ["EIN000"]),
        (f"x = 'einsum\n{DATA}", ["EIN000"]),
        (f"import torch\nx = 'einsum', torch.\uff45insum('i,i', a, b)\n{DATA}", ["EIN101"]),
    ],
)
def test_a_call_is_found_behind_strings_of_all_kinds(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    write(tmp_path, {"a.py": text})
    assert [each["code"] for each in findings("a.py", cwd=tmp_path)] == expected


def test_its_comments_are_judged_where_that_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"x = 'einsum'  # noqa: EIN105\n{DATA}"})
    assert findings("a.py", cwd=tmp_path) == []
    found = findings("--extend-select", "EIN901", "a.py", cwd=tmp_path)
    assert [each["code"] for each in found] == ["EIN901"]
