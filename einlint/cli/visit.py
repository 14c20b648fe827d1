"""Visit every file below the paths of a command line once, with its settings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from os.path import realpath
from pathlib import Path

from einlint.cli.progress import Progress
from einlint.cli.run import Outcome, Run, RunOptions
from einlint.diagnostics import shown_name
from einlint.project.configuration import Project
from einlint.project.files import absolute
from einlint.project.resolver import settings_for
from einlint.project.temporaries import sweep_folder
from einlint.project.walk import Walk, is_excluded_though_named
from einlint.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check, its settings, and the files those come from."""

    path: Path
    settings: Settings
    sources: tuple[Path, ...]


def targets_below(
    paths: Sequence[str], project_of: Callable[[Path], Project], run: Run
) -> list[Target]:
    """The files to check in order, each once; failures to visit one are recorded."""
    targets = []
    for file, place in _files_below(paths, Walk(project_of, run.recording_failures)):
        with run.recording_failures(str(file)):
            project = project_of(place.parent)
            targets.append(Target(file, settings_for(place, project), project.sources))
    if run.options.writes:  # also where no walk has come: beside named files and behind links
        for folder in {Path(realpath(each.path)).parent for each in targets}:
            sweep_folder(folder)
    return targets


def _files_below(paths: Sequence[str], walk: Walk) -> Iterator[tuple[Path, Path]]:
    """The files as named by the user, and their absolute paths."""
    seen: set[Path] = set()
    for path in paths:
        for file in walk.files(Path(path)):
            place = absolute(file)
            if place not in seen:
                seen.add(place)
                yield file, place


def visit(targets: Sequence[Target], run: Run, jobs: int) -> None:
    """Check the files, in worker processes if jobs > 1; the outcome is the same."""
    with Progress(len(targets)) as shown:
        if jobs == 1:
            for target in targets:
                run.check_file(target.path, target.settings)
                shown.step()
        else:
            for outcome in _outcomes_of_workers(targets, run.options, jobs, shown.step):
                run.outcome.extend(outcome)


def _outcomes_of_workers(
    targets: Sequence[Target], options: RunOptions, jobs: int, step: Callable[[], None]
) -> list[Outcome]:
    """One outcome for each target. Links to one file stay together: a fix is written once."""
    from einlint.cli.workers import (  # not needed by a run of one process
        WorkerDeath,
        map_in_processes,
    )

    groups: dict[str, list[int]] = defaultdict(list)
    for index, target in enumerate(targets):
        groups[realpath(target.path)].append(index)
    work = [[targets[index] for index in group] for group in groups.values()]
    outcomes = [Outcome() for _ in targets]
    for group, found in zip(
        groups.values(),
        map_in_processes(partial(_outcomes, options), work, jobs, lambda _: step()),
        strict=True,
    ):
        for position, index in enumerate(group):
            if isinstance(found, WorkerDeath):
                outcomes[index].failures.append(_lost_text(targets[index], str(found)))
            else:
                outcomes[index] = found[position]
    return outcomes


def _lost_text(target: Target, end: str) -> str:
    unknown = "it may not have been checked or fixed: run again"
    return f"{shown_name(str(target.path))}: the worker process {end}; {unknown}"


def _outcomes(
    options: RunOptions, targets: Sequence[Target], before_writing: Callable[[], None]
) -> list[Outcome]:
    runs = [Run(options, before_writing=before_writing) for _ in targets]
    for run, target in zip(runs, targets, strict=True):
        run.check_file(target.path, target.settings)
    return [run.outcome for run in runs]


def visit_standard_input(
    name: str | None, data: bytes, project_of: Callable[[Path], Project], run: Run
) -> list[Target]:
    """Check `data` as the content of the file `name`; no target if that is excluded."""
    shown = name or "-"
    with run.recording_failures(shown):
        place = absolute(Path(name or "x"))
        project = project_of(place.parent)
        if name is not None and is_excluded_though_named(place, project):
            run.pass_through(data)
            return []
        target = Target(Path(shown), settings_for(place, project), project.sources)
        run.check_standard_input(shown, data, target.settings)
        return [target]
    return []
