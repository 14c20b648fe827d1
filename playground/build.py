"""Build the playground into a folder that any static server can serve.

    python playground/build.py [FOLDER]

FOLDER is build/site/playground by default, from where the site of the docs takes it as it is:
everything in it is addressed relative to its page. Needs npm; `npm ci` brings Pyodide from its lock
file.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from einlint.pictures.look import STYLE  # noqa: E402 -- this checkout's, installed or not

PYODIDE = HERE / "node_modules" / "pyodide"
RUN_BY_PAGE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
# Rooms of einlint that need a terminal, an editor or torch.
LEFT_OUT = {"cli", "flake8.py", "lsp", "verify", "__main__.py", "settings.schema.json"}


def installed() -> bool:
    """Whether Pyodide is here in the version of the lock file."""
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    wanted = locked["packages"]["node_modules/pyodide"]["version"]
    package = PYODIDE / "package.json"
    return package.exists() and json.loads(package.read_text(encoding="utf-8"))["version"] == wanted


def modules() -> Iterator[tuple[str, bytes]]:
    """The files of einlint that the page runs, and its own."""
    yield "answers.py", (HERE / "answers.py").read_bytes()
    package = ROOT / "einlint"
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in LEFT_OUT:
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def build(folder: Path) -> None:
    """Fill the folder; what was there before is gone."""
    if not installed():
        subprocess.run(["npm", "ci", "--prefix", HERE], check=True)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "page", folder)
    (folder / "picture.css").write_text(STYLE, encoding="utf-8")
    (folder / "pyodide").mkdir()
    for name in RUN_BY_PAGE:
        shutil.copyfile(PYODIDE / name, folder / "pyodide" / name)
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))
    # No package of Pyodide is loaded, and without their names none can be.
    lock["packages"] = {}
    (folder / "pyodide" / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    with ZipFile(folder / "einlint.zip", "w", ZIP_DEFLATED) as packed:
        for name, data in modules():
            packed.writestr(ZipInfo(name), data, ZIP_DEFLATED)


def main() -> None:
    """Build it, and print how much a browser loads."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site" / "playground"
    build(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{folder}: {len(files)} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
