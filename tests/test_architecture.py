"""Dependencies point one way, and heavy imports stay in their rooms."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "einlint"

# Each room with the rooms it may import from, beside itself.
ALLOWED: dict[str, set[str]] = {
    "algebra": set(),
    "assumptions": set(),
    "discovery": set(),
    "diagnostics": {"assumptions"},
    "lines": {"diagnostics"},
    "fixes": {"diagnostics"},
    "dialects": {"algebra"},
    "planning": {"algebra", "assumptions", "discovery"},
    "rewrites": {"algebra", "assumptions", "planning"},
    "settings": {"algebra", "assumptions", "dialects"},
    "source": {"algebra", "assumptions", "diagnostics", "dialects", "lines"},
    "rulebook": {
        *("algebra", "assumptions", "diagnostics", "dialects", "discovery", "planning", "settings"),
        "source",
    },
    "rules": {"algebra", "diagnostics", "rulebook", "settings"},
    "silencing": {"diagnostics", "rulebook", "rules", "settings", "source"},
    "judging": {"algebra", "diagnostics", "rulebook", "settings"},
    "trace": {"algebra", "assumptions", "diagnostics", "lines"},
    "witnesses": {"rulebook", "trace"},
    "pairing": {"algebra", "diagnostics", "dialects", "fixes", "source"},
    "verified": {"diagnostics", "pairing", "source"},
    "engine": {
        *("diagnostics", "fixes", "judging", "rulebook", "rules", "settings", "silencing"),
        *("source", "trace", "verified", "witnesses"),
    },
    "ignoring": {"diagnostics", "engine", "fixes", "judging", "lines", "settings", "source"},
    "diffs": set(),
    "document": {
        *("__init__", "diagnostics", "engine", "ignoring", "settings", "source", "trace"),
        "verified",
    },
    "notebook": {
        *("__init__", "assumptions", "diagnostics", "document", "engine", "fixes", "ignoring"),
        *("judging", "lines", "settings", "source", "verified"),
    },
    "reporting": {"assumptions", "diagnostics", "discovery", "fixes", "lines"},
    "emit": {"__init__", "assumptions", "diagnostics", "fixes", "reporting", "rulebook"},
    "explanation": {"algebra", "assumptions", "dialects", "planning", "rewrites"},
    "verify": {
        *("__init__", "algebra", "diagnostics", "dialects", "discovery", "fixes", "notebook"),
        *("pairing", "source", "trace", "verified"),
    },
    "lsp": {
        *("__init__", "algebra", "checking", "config", "diagnostics", "engine", "explanation"),
        *("files", "fixes", "ignoring", "judging", "lines", "notebook", "reporting", "settings"),
        *("source", "walk"),
    },
    "patterns": set(),
    "gitignore": set(),
    "config": {"patterns", "settings"},
    "files": set(),
    "walk": {"config", "files", "gitignore", "settings"},
    "run": {
        *("diagnostics", "diffs", "document", "engine", "files", "fixes", "judging", "notebook"),
        *("settings", "trace", "verified"),
    },
    "baseline": {"diagnostics", "files"},
    "checking": {
        *("baseline", "config", "files", "patterns", "reporting", "rulebook", "rules", "run"),
        *("settings", "trace", "walk"),
    },
    "verifying": {"checking", "discovery", "run", "settings", "trace", "verify"},
    "commands": {
        *("algebra", "baseline", "checking", "config", "diagnostics", "discovery", "explanation"),
        *("files", "lsp", "reporting", "rulebook", "run", "settings", "trace", "verified"),
        *("verify", "verifying"),
    },
    "cli": {"__init__", "discovery"},
    "flake8": {
        *("__init__", "checking", "diagnostics", "engine", "files", "judging", "rulebook"),
        *("settings", "source", "walk"),
    },
    "__main__": {"cli"},
    "__init__": {"__init__", "api"},
    "api": {"diagnostics", "engine", "explanation", "settings"},
}
# The third-party packages each room may import.
HEAVY = {
    "libcst": {"source/concrete.py"},
    "click": {"checking/options.py", "checking/values.py", "cli.py", "commands", "verifying"},
    "flake8": {"flake8.py"},
    "lsprotocol": {"lsp"},
    "pygls": {"lsp"},
    "pathspec": {"gitignore.py"},
    "torch": {"verify"},
    "jinja2": {"verify/page"},
    "matplotlib": {"verify/page"},
}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(source: str) -> set[str]:
    """The dotted names of all modules that a source imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def forbidden(room: str, source: str) -> set[str]:
    """The rooms that a source of `room` imports from and may not."""
    ours = [name.split(".") for name in imports_of(source) if name.split(".")[0] == "einlint"]
    rooms = {parts[1] if len(parts) > 1 else "__init__" for parts in ours}
    return rooms - ALLOWED[room] - {room}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_every_module_imports_only_what_its_room_may(path: Path) -> None:
    source = path.read_text()
    assert not forbidden(room_of(path), source)
    for package, places in HEAVY.items():
        if any(name.split(".")[0] == package for name in imports_of(source)):
            place = path.relative_to(PACKAGE).as_posix()
            assert any(place.startswith(allowed) for allowed in places), package


@pytest.mark.parametrize(
    ("room", "source", "expected"),
    [
        ("algebra", "from einlint.source.file import SourceFile", {"source"}),
        ("emit", "def f():\n    import einlint.linting.engine", {"engine"}),
        ("rules", "from einlint.rulebook.rule import Rule", set()),
    ],
)
def test_that_test_sees_a_wrong_import(room: str, source: str, expected: set[str]) -> None:
    assert forbidden(room, source) == expected


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_every_module_says_its_idea_and_stays_small(path: Path) -> None:
    source = path.read_text()
    assert ast.get_docstring(ast.parse(source)), "the first line says what the file is about"
    assert source.count("\n") <= 400
