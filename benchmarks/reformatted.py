"""Silence all findings, run formatters, and count the findings that are left: print a table.

    python benchmarks/reformatted.py FOLDER...

Every folder is one source; it is not changed. `einlint --add-ignore` runs on a copy of its files
with the word einsum, with the default rules and with `--select ALL`; then `ruff format`, and
`black` behind it or alone, if they are on PATH. What is left is printed. The exit code is 1 if
that is anything.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

WIDTHS = (88, 100, 120)
FORMATTERS = {
    "ruff": ("ruff", "format", "--isolated", "--quiet", "--line-length"),
    "black": ("black", "--quiet", "--fast", "--config", "/dev/null", "--line-length"),
}
ORDERS = (("ruff",), ("ruff", "black"), ("black",))
SELECTIONS = {"default": (), "ALL": ("--select", "ALL")}
SUFFIXES = (".py", ".ipynb")


def main() -> None:
    """Print a row for each source and selection as soon as it is done, then what is left."""
    orders = [each for each in ORDERS if all(map(shutil.which, each))]
    columns = [f"{', '.join(each)} {width}" for each in orders for width in WIDTHS]
    print(f"| source | rules | files | comments | {' | '.join(columns)} |")
    print(f"|{'---|' * (len(columns) + 4)}")
    left: list[dict[str, Any]] = []
    for folder in map(Path, sys.argv[1:]):
        for name, options in SELECTIONS.items():
            with tempfile.TemporaryDirectory() as place:
                silenced = Path(place) / folder.name
                files = copied(folder, silenced)
                if not files:
                    continue
                left += findings(silenced, ("--add-ignore", *options))
                comments = sum(text(each).count("# einlint: ignore[") for each in below(silenced))
                cells = []
                for order in orders:
                    for width in WIDTHS:
                        after = reformatted(silenced, order, width)
                        remaining = findings(after, options)
                        left += remaining
                        cells.append(str(len(remaining)))
                        shutil.rmtree(after)
            print(f"| {folder.name} | {name} | {files} | {comments} | {' | '.join(cells)} |")
            sys.stdout.flush()
    for each in left:
        print(each["filename"], each["location"]["row"], each["code"], each["message"])
    sys.exit(bool(left))


def below(folder: Path) -> Iterator[Path]:
    """The files that einlint reads."""
    return (each for each in sorted(folder.rglob("*")) if each.suffix in SUFFIXES)


def text(file: Path) -> str:
    """The text of a file, whatever its encoding."""
    return file.read_bytes().decode(errors="replace")


def copied(folder: Path, target: Path) -> int:
    """Copy the files with the word einsum; their number."""
    found = [each for each in below(folder) if each.is_file() and "einsum" in text(each)]
    for file in found:
        place = target / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    return len(found)


def reformatted(folder: Path, order: Sequence[str], width: int) -> Path:
    """A copy of the folder after the formatters; what they cannot read stays as it is."""
    after = folder.with_name(f"{folder.name}-{'-'.join(order)}-{width}")
    shutil.copytree(folder, after)
    for name in order:
        subprocess.run([*FORMATTERS[name], str(width), str(after)], check=False)
    return after


def findings(folder: Path, options: Sequence[str]) -> list[dict[str, Any]]:
    """What einlint reports below a folder but EIN000, with the names of the files in it."""
    command = [sys.executable, "-m", "einlint", "--isolated", ".", "--output-format", "json"]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return [each for each in json.loads(done.stdout) if each["code"] != "EIN000"]


if __name__ == "__main__":
    main()
