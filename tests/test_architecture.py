"""Dependencies point one way, and heavy imports stay in their rooms."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "einlint"

# What every room may see that stands above both.
LEAVES = {"__init__", "diagnostics", "discovery", "printable", "settings", "unusable"}
# Each room with the rooms it may import from, beside itself: only from those above it here.
ALLOWED: dict[str, set[str]] = {
    "printable": set(),
    "algebra": set(),
    "discovery": set(),
    "pictures": {"algebra"},
    "rewriting": {"algebra", "discovery"},
    "unusable": set(),
    "trace": {"unusable"},
    "diagnostics": {"printable", "rewriting"},
    "settings": {"algebra", "rewriting", "unusable"},
    "source": {"algebra", "diagnostics", "discovery", "printable", "rewriting"},
    "rulebook": {"algebra", "diagnostics", "discovery", "rewriting", "settings", "source"},
    "rules": {"algebra", "diagnostics", "printable", "rulebook", "settings", "source"},
    "linting": {*LEAVES, "algebra", "rewriting", "rulebook", "rules", "source", "trace"},
    "notebook": {*LEAVES, "linting", "source"},
    "project": {*LEAVES, "rulebook"},
    "output": {*LEAVES, "algebra", "linting", "pictures", "rewriting", "rulebook", "source"},
    "verify": {*LEAVES, "algebra", "linting", "notebook", "output", "rewriting", "source", "trace"},
    "lsp": {*LEAVES, "algebra", "linting", "notebook", "output", "pictures", "project"}
    | {"rewriting", "source"},
    "arrow": {*LEAVES, "linting", "notebook", "output", "project", "rules", "source"},
    "cli": {*LEAVES, "algebra", "arrow", "linting", "lsp", "notebook", "output", "pictures"}
    | {"project", "rewriting", "rulebook", "rules", "source", "trace", "verify"},
    "flake8": {*LEAVES, "linting", "project", "rulebook", "source"},
    "api": {*LEAVES, "linting", "rewriting"},
    "__init__": {"api"},
    "__main__": {"cli"},
}
# The third-party packages each room may import.
HEAVY = {
    "libcst": {"source/second_reader.py"},
    "click": {"cli"},
    "flake8": {"flake8.py"},
    "lsprotocol": {"lsp"},
    "pygls": {"lsp"},
    "pylsp": {"lsp/pylsp.py"},
    "pathspec": {"project/gitignore.py"},
    "pyarrow": {"arrow"},
    "torch": {"verify/running"},
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
        ("output", "def f():\n    import einlint.cli.run", {"cli"}),
        ("rules", "from einlint.rulebook.rule import Rule", set()),
    ],
)
def test_that_test_sees_a_wrong_import(room: str, source: str, expected: set[str]) -> None:
    assert forbidden(room, source) == expected


def test_the_first_half_of_verify_needs_nothing_of_the_second() -> None:
    halves = [path for path in (PACKAGE / "verify").rglob("*.py") if "running" not in path.parts]
    assert halves
    for path in halves:
        used = imports_of(path.read_text())
        assert not [name for name in used if name.startswith("einlint.verify.running")], path


def test_no_import_points_up() -> None:
    rooms = list(ALLOWED)
    for room, allowed in ALLOWED.items():
        above = {*rooms[: rooms.index(room)], *LEAVES}
        assert allowed <= above | ({"cli", "api"} if room.startswith("__") else set()), room
    assert len(ALLOWED) <= 24


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_every_module_says_its_idea_and_stays_small(path: Path) -> None:
    source = path.read_text()
    assert ast.get_docstring(ast.parse(source)), "the first line says what the file is about"
    assert source.count("\n") <= 400
