"""What einlint, ruff, TorchFix, semgrep and pyrefly say of the same ten calls.

    python benchmarks/comparison.py [--tools FOLDER]

Each other tool is installed into a virtual environment of its own below FOLDER (by default a new
temporary folder), which takes a minute or two. It prints a Markdown table: for each call the codes
that a tool reports on its lines, `fix` if it offers one, and `-` for nothing. All rules of ruff and
TorchFix are on. semgrep brings no rules of its own; it gets one that finds a product by its text.
pyrefly sees the torch of this environment. Only messages on the lines of the calls count, and none
about style (missing docstrings and annotations, names of arguments). Each tool has to report one
line of its own first.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

# What the call is, what is right to say of it, the code.
CALLS: Final = (
    ("a matrix product", 'y = torch.einsum("ik,kj->ij", a, b)'),
    ("scores of attention", 'y = torch.einsum("bhqd,bhkd->bhqk", q, k)'),
    (
        "a whole attention",
        's = torch.einsum("bhqd,bhkd->bhqk", q, k)\n'
        'y = torch.einsum("bhqk,bhkd->bhqd", torch.softmax(s, dim=-1), v)',
    ),
    ("a wrong letter: `k` is summed", 'y = torch.einsum("bnsk,bnsh->bnsh", q, k)'),
    ("an output letter that no operand has", 'y = torch.einsum("ij,jk->il", a, b)'),
    ("`-` for `->`", 'y = torch.einsum("ij,jk-ik", a, b)'),
    ("an operand too many", 'y = torch.einsum("ij,jk->ik", a, b, c)'),
    (
        "sizes that do not fit",
        'y = torch.einsum("ik,kj->ij", torch.ones(2, 3), torch.ones(4, 5))',
    ),
    (
        "dtypes that do not fit",
        'y = torch.einsum("ik,kj->ij", a.half(), b.float())',
    ),
    ("a bilinear form, right to keep", 'y = torch.einsum("bi,oij,bj->bo", u, w, v)'),
)
# What each other tool reports, so that a dash is no tool that failed.
_CONTROL: Final = {
    "ruff": "y = a == None",
    "torchfix": "y = torch.solve(a, b)",
    "semgrep": 'y = torch.einsum("ik,kj->ij", a, b)',
    "pyrefly": "y = 1 + 'a'",
}
_HEAD: Final = """import torch
from torch import Tensor as T

def f(a: T, b: T, c: T, q: T, k: T, u: T, v: T, w: T):
"""
_FIRST_LINE: Final = 5  # of the code in each file
_STYLE: Final = re.compile("ANN|D1|INP|N8|PLR|ARG|F841|ERA|E741|FBT|RET|CPY|E302")
_RULE: Final = """rules:
  - id: matmul
    languages: [python]
    severity: WARNING
    message: a matrix product
    pattern: torch.einsum("ik,kj->ij", $A, $B)
    fix: $A @ $B
"""


def source(code: str) -> str:
    """A file with the code in a function."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    return f"{_HEAD}{lines}    return y\n"


def is_on_call(line: int, code: str) -> bool:
    return _FIRST_LINE <= line < _FIRST_LINE + len(code.splitlines())


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(each) for each in command], cwd=cwd, capture_output=True, text=True)
    return done.stdout or done.stderr


def shown(codes: Mapping[str, str]) -> str:
    """Each code with its fix; a dash for none."""
    return ", ".join(f"{code} {fix}".strip() for code, fix in codes.items()) or "-"


def fix(is_there: bool) -> str:
    """What the table says of a fix."""
    return "fix" if is_there else ""


def by_einlint(programs: Path, file: Path, code: str) -> dict[str, str]:
    command = (sys.executable, "-m", "einlint", "--output-format", "json", "--isolated", file.name)
    found = json.loads(run(*command, cwd=file.parent))
    kinds = {"safe": "fix", "unsafe": "unsafe fix"}
    return {
        each["code"]: kinds[each["fix"]["applicability"]] if each["fix"] else "" for each in found
    }


def by_ruff(programs: Path, file: Path, code: str) -> dict[str, str]:
    options = ("--isolated", "--preview", "--select", "ALL", "--output-format", "json", "--quiet")
    found = json.loads(run(programs / "ruff", "check", *options, file.name, cwd=file.parent))
    return {
        each["code"]: fix(each["fix"] is not None)
        for each in found
        if is_on_call(each["location"]["row"], code) and not _STYLE.match(each["code"])
    }


def by_torchfix(programs: Path, file: Path, code: str) -> dict[str, str]:
    text = run(programs / "torchfix", "--select", "ALL", file.name, cwd=file.parent)
    found = re.findall(r"^\S+?:(\d+):\d+: (\w+) (\[\*\])?", text, re.MULTILINE)
    return {name: fix(bool(mark)) for line, name, mark in found if is_on_call(int(line), code)}


def by_semgrep(programs: Path, file: Path, code: str) -> dict[str, str]:
    (file.parent / "rule.yaml").write_text(_RULE)
    options = ("--config", "rule.yaml", "--metrics", "off", "--disable-version-check", "--json")
    text = run(programs / "semgrep", "scan", *options, "--quiet", file.name, cwd=file.parent)
    found = json.loads(text)["results"]
    return {"own rule": fix("fix" in found[0]["extra"])} if found else {}


def by_pyrefly(programs: Path, file: Path, code: str) -> dict[str, str]:
    options = ("--preset", "default", "--output-format", "json", "--python-interpreter-path")
    command = (programs / "pyrefly", "check", *options, sys.executable, file.name)
    found = json.loads(run(*command, cwd=file.parent))
    return {each["name"]: "" for each in found["errors"] if is_on_call(each["line"], code)}


TOOLS: Final[Mapping[str, Callable[[Path, Path, str], dict[str, str]]]] = {
    "ruff": by_ruff,
    "torchfix": by_torchfix,
    "semgrep": by_semgrep,
    "pyrefly": by_pyrefly,
}


def installed(tool: str, folder: Path) -> Path:
    """The folder with the tool's programs, in an environment of its own."""
    place = folder / tool
    if not (place / "bin" / tool).exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", tool], check=True)
    return place / "bin"


def version(programs: Path, tool: str) -> str:
    command = (
        programs / "python",
        "-c",
        f"import importlib.metadata as m; print(m.version('{tool}'))",
    )
    return run(*command, cwd=programs).strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, help="a folder for their environments")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        folder = parser.parse_args().tools or work / "tools"
        places = {tool: installed(tool, folder) for tool in TOOLS}
        versions = [f"{tool} {version(place, tool)}" for tool, place in places.items()]
        for tool, code in _CONTROL.items():
            file = work / "control.py"
            file.write_text(source(code))
            assert TOOLS[tool](places[tool], file, code), tool
        print("| call |", " | ".join(["einlint", *versions]), "|")
        print(f"|---|{'---|' * (len(TOOLS) + 1)}")
        for number, (what, code) in enumerate(CALLS):
            file = work / f"call{number}.py"
            file.write_text(source(code))
            cells = [shown(by_einlint(work, file, code))]
            cells += [shown(read(places[tool], file, code)) for tool, read in TOOLS.items()]
            print(f"| {what} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
