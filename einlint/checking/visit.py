"""Visit every file that the paths of a command line mean, once, with its settings."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from einlint.config import Project
from einlint.files import absolute
from einlint.run import Run
from einlint.walk import Walk, is_excluded_though_named


def visit(paths: Sequence[str], project_of: Callable[[Path], Project], run: Run) -> None:
    """Check the files below `paths`."""
    for file in files_below(paths, project_of, run):
        with run.noting_failures(str(file)):
            run.file(file, project_of(absolute(file).parent).settings)


def files_below(
    paths: Sequence[str], project_of: Callable[[Path], Project], run: Run
) -> Iterator[Path]:
    """The files to check in order, each once; what cannot be visited is noted as a failure."""
    walk = Walk(project_of, run.outcome.note)
    seen: set[Path] = set()
    for path in paths:
        for file in walk.files(Path(path)):
            place = absolute(file)
            if place not in seen:
                seen.add(place)
                yield file


def visit_standard_input(
    name: str | None, data: bytes, project_of: Callable[[Path], Project], run: Run
) -> None:
    """Check `data` as the content of the file `name`, which need not exist."""
    shown = name or "-"
    with run.noting_failures(shown):
        place = absolute(Path(name or "x"))
        project = project_of(place.parent)
        if name is not None and is_excluded_though_named(place, project):
            run.unchanged(data)
        else:
            run.standard_input(shown, data, project.settings)
