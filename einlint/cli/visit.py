"""Visit every file below the paths of a command line once, with its settings."""

import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from os.path import realpath
from typing import TYPE_CHECKING, Final, NamedTuple

from einlint.cli.failures import recording
from einlint.linting.front import may_have_findings
from einlint.printable import shown_name
from einlint.project.configuration import Project
from einlint.project.resolver import settings_for
from einlint.project.sweeping import sweep_folder
from einlint.project.walk import Walk, is_excluded_though_named
from einlint.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from einlint.cli.run import Outcome, Run, RunOptions

# Files: with fewer, one process is done before others have started; and the share of each.
_MANY: Final = 32
_SHARE: Final = 16


class Target(NamedTuple):
    """A file to check, its settings, and the files those come from.

    name: the path as the user named it, or what was found below it.
    """

    name: str
    settings: Settings
    sources: tuple["Path", ...]


def targets_below(
    paths: Sequence[str],
    project_of: Callable[[str], Project],
    failures: list[str],
    *,
    are_written: bool,
) -> list[Target]:
    """The files to check in order, each once; failures to visit one are recorded."""
    targets = []
    walk = Walk(project_of, lambda name: recording(failures, name))
    known: dict[str, Project] = {}
    for file, place in _files_below(paths, walk):
        folder = place.rpartition("/")[0] or "/"  # dirname takes as long as all else here
        if folder in known:
            project = known[folder]
            targets.append(Target(file, project.settings, project.sources))
            continue
        with recording(failures, file):
            project = project_of(folder)
            targets.append(Target(file, settings_for(place, project), project.sources))
            if not project.settings.per_file_ignores:
                known[folder] = project
    if are_written:  # also where no walk has come: beside named files and behind links
        for folder in {os.path.dirname(realpath(each.name)) for each in targets}:
            sweep_folder(folder)
    return targets


def _files_below(paths: Sequence[str], walk: Walk) -> Iterator[tuple[str, str]]:
    """The files as named by the user, and their absolute paths."""
    seen: set[str] = set()
    for path in paths:
        for file, place in walk.files(path):
            if place not in seen:
                seen.add(place)
                yield file, place


def worth_reading(targets: Iterable[Target], searched: Collection[str] = ()) -> list[Target]:
    """The targets of which a run may have anything to say, by the bytes of their files.

    searched: the names of those that hold no words of the default rules, and have no settings.
    """
    return [each for each in targets if each.name not in searched and _is_worth_reading(each)]


def _is_worth_reading(target: Target) -> bool:
    try:
        return may_have_findings(target.name, target.settings)
    except Exception:  # noqa: BLE001 -- the run meets it again, and records it in its place
        return True


def visit(targets: Sequence[Target], run: "Run", jobs: int) -> None:
    """Check the files, in worker processes if jobs > 1; the outcome is the same.

    The collector of garbage looks at what one file left, and never at what einlint is made of.

    jobs: AUTO for as many as pay.
    """
    gc.freeze()
    try:
        _visit(targets, run, jobs or _paying(len(targets)))
    finally:
        gc.unfreeze()


def _paying(count: int) -> int:
    """The number of processes that check so many files soonest.

    A worker takes some milliseconds to start and to answer, as long as one or two files take.
    """
    if count < _MANY:
        return 1
    return min(cores(), count // _SHARE)


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _visit(targets: Sequence[Target], run: "Run", jobs: int) -> None:
    from einlint.cli.progress import Progress

    with Progress(len(targets)) as shown:
        if jobs == 1:
            for number, target in enumerate(targets):
                if number:  # what the last file leaves ends with the process
                    gc.collect(0)
                run.check_file(target.name, target.settings)
                shown.step()
        else:
            for outcome in _outcomes_of_workers(targets, run.options, jobs, shown.step):
                run.outcome.extend(outcome)


def _outcomes_of_workers(
    targets: Sequence[Target], options: "RunOptions", jobs: int, step: Callable[[], None]
) -> "list[Outcome]":
    """One outcome for each target. Links to one file stay together: a fix is written once."""
    from collections import defaultdict
    from functools import partial

    from einlint.cli.run import Outcome
    from einlint.cli.workers import (  # not needed by a run of one process
        WorkerDeath,
        map_in_processes,
    )

    groups: dict[str, list[int]] = defaultdict(list)
    for index, target in enumerate(targets):
        groups[realpath(target.name)].append(index)
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
    return f"{shown_name(target.name)}: the worker process {end}; {unknown}"


def _outcomes(
    options: "RunOptions", targets: Sequence[Target], before_writing: Callable[[], None]
) -> "list[Outcome]":
    from einlint.cli.run import Outcome, Run

    runs = [Run(options, Outcome(), before_writing) for _ in targets]
    for run, target in zip(runs, targets, strict=True):
        run.check_file(target.name, target.settings)
        gc.collect(0)
    return [run.outcome for run in runs]


def visit_standard_input(
    name: str | None, data: bytes, project_of: Callable[[str], Project], run: "Run"
) -> list[Target]:
    """Check `data` as the content of the file `name`; no target if that is excluded."""
    shown = name or "-"
    with run.recording_failures(shown):
        place = os.path.abspath(name or "x")
        project = project_of(os.path.dirname(place))
        if name is not None and is_excluded_though_named(place, project):
            run.pass_through(data)
            return []
        from pathlib import Path

        target = Target(str(Path(shown)), settings_for(place, project), project.sources)
        run.check_standard_input(shown, data, target.settings)
        return [target]
    return []
