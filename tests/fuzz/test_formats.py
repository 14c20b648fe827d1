"""Every output format of random files with random names is valid by its reader."""

from pathlib import Path

from hypothesis import strategies as st

from einlint.output.format import format_names
from tests.cli.run import called
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.sources import damaged, scripts
from tests.fuzz.test_notebooks import notebooks
from tests.output.formats.readers import reader_of

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=8)
FORMATS = st.sampled_from(format_names())


def test_formats(fuzzer: Fuzzer, tmp_path: Path) -> None:
    source, notebook = scripts() | damaged(scripts()), notebooks()
    numbers = iter(range(10**9))

    def check(given: tuple[str, str, bytes, bytes]) -> None:
        name, stem, script, cells = given
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        (folder / f"x{stem}.py").write_bytes(script)
        (folder / f"x{stem}.ipynb").write_bytes(cells)
        options = ("--isolated", "--pedantic", "--output-format")
        environment = {"PYTHONUTF8": "1", "COLUMNS": "40"}
        done = called(*options, name, cwd=folder, environment=environment)
        assert done.returncode in (0, 1), done.stderr
        found = reader_of(name).read(done.stdout.decode())
        assert bool(found) == (done.returncode == 1) or name in ("concise", "full")
        expected = called(*options, "jsonl", cwd=folder).stdout.count(b"\n")
        assert len(found) == expected

    fuzzer.run(0.1, st.tuples(FORMATS, NAMES, source, notebook), check)
