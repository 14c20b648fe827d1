"""Visit every file that the paths of a command line mean, once, with its settings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from einlint.cli.run import Mode, Outcome, Run
from einlint.project.configuration import Project
from einlint.project.files import absolute
from einlint.project.resolver import settings_for
from einlint.project.walk import Walk, is_excluded_though_named
from einlint.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check, and the settings for it; where those are from."""

    path: Path
    settings: Settings
    sources: tuple[Path, ...]


def targets_below(
    paths: Sequence[str], project_of: Callable[[Path], Project], run: Run
) -> list[Target]:
    """The files to check in order, each once; what cannot be visited is noted as a failure."""
    targets = []
    for file, place in _files_below(paths, Walk(project_of, run.outcome.note)):
        with run.noting_failures(str(file)):
            project = project_of(place.parent)
            targets.append(Target(file, settings_for(place, project), project.sources))
    return targets


def _files_below(paths: Sequence[str], walk: Walk) -> Iterator[tuple[Path, Path]]:
    """The files as they are called, and their absolute paths."""
    seen: set[Path] = set()
    for path in paths:
        for file in walk.files(Path(path)):
            place = absolute(file)
            if place not in seen:
                seen.add(place)
                yield file, place


def visit(targets: Sequence[Target], run: Run, jobs: int) -> None:
    """Check the files, in worker processes if there are to be several; the outcome is the same."""
    if jobs == 1:
        run.outcome.extend(_outcome(targets, run.mode))
        return
    try:
        for outcome in _outcomes_of_workers(targets, run.mode, jobs):
            run.outcome.extend(outcome)
    except BrokenProcessPool as error:
        run.outcome.failures.append(f"internal error: {error} (`-j 1` may tell more)")


def _outcomes_of_workers(targets: Sequence[Target], mode: Mode, jobs: int) -> list[Outcome]:
    """One outcome for each target. Links to one file stay together: a fix is written once."""
    groups: dict[Path, list[int]] = defaultdict(list)
    for index, target in enumerate(targets):
        groups[target.path.resolve()].append(index)
    work = [[targets[index] for index in group] for group in groups.values()]
    chunk = max(1, len(work) // (jobs * 8))
    outcomes = [Outcome() for _ in targets]
    with ProcessPoolExecutor(jobs) as pool:
        done = pool.map(_outcomes, work, repeat(mode), chunksize=chunk)
        for group, results in zip(groups.values(), done, strict=True):
            for index, outcome in zip(group, results, strict=True):
                outcomes[index] = outcome
    return outcomes


def _outcomes(targets: Sequence[Target], mode: Mode) -> list[Outcome]:
    return [_outcome([target], mode) for target in targets]


def _outcome(targets: Sequence[Target], mode: Mode) -> Outcome:
    run = Run(mode)
    for target in targets:
        run.file(target.path, target.settings)
    return run.outcome


def visit_standard_input(
    name: str | None, data: bytes, project_of: Callable[[Path], Project], run: Run
) -> list[Target]:
    """Check `data` as the content of the file `name`, which need not exist; none if excluded."""
    shown = name or "-"
    with run.noting_failures(shown):
        place = absolute(Path(name or "x"))
        project = project_of(place.parent)
        if name is not None and is_excluded_though_named(place, project):
            run.unchanged(data)
            return []
        target = Target(Path(shown), settings_for(place, project), project.sources)
        run.standard_input(shown, data, target.settings)
        return [target]
    return []
