"""Baselines: how many findings of each kind are accepted, whatever their lines and index names."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from einlint.diagnostics import Diagnostic
from einlint.project.files import absolute
from einlint.unusable import WrongFormError, json_object, typed

_VERSION: Final = 1
_WAY_OUT: Final = "restore it, or delete it and run `einlint baseline` to write a new one"


class BaselineError(ValueError):
    """The file is not a readable baseline; the message contains the way out."""


@dataclass(frozen=True, slots=True, order=True)
class FindingKind:
    """What a baseline knows of a finding; findings of one kind are only counted.

    file: relative to the folder of the baseline, with forward slashes.
    function: the dotted name of the function around the call, empty outside of any.
    equation: canonical; the text itself if it is invalid, and empty without a call.
    """

    file: str
    function: str
    code: str
    equation: str


@dataclass(frozen=True, slots=True)
class _Head:
    version: int


@dataclass(frozen=True, slots=True)
class _Body:
    findings: list[object]


@dataclass(frozen=True, slots=True)
class _Count:
    count: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """The number of accepted findings of each kind; `folder` is where its file lies."""

    folder: Path
    accepted: Counter[FindingKind]

    def name_of(self, filename: str) -> str:
        """The name of a file in the baseline; absolute if it is on another drive."""
        place = absolute(Path(filename))
        try:
            return Path(os.path.relpath(place, self.folder)).as_posix()
        except ValueError:
            return place.as_posix()

    def counts(self, diagnostics: Iterable[Diagnostic]) -> Counter[FindingKind]:
        """The number of findings of each kind."""
        return Counter(self._kind(each) for each in diagnostics)

    def not_accepted(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The findings that are not accepted; the last ones of a kind that occurs too often."""
        return list(self._not_accepted(diagnostics))

    def _not_accepted(self, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        seen: Counter[FindingKind] = Counter()
        for each in diagnostics:
            kind = self._kind(each)
            seen[kind] += 1
            accepted = self.accepted[kind]
            if seen[kind] > accepted:
                yield _with_note(each, accepted) if accepted else each

    def _kind(self, diagnostic: Diagnostic) -> FindingKind:
        file, about = self.name_of(diagnostic.filename), diagnostic.about
        if about is None:
            return FindingKind(file, "", diagnostic.code, "")
        return FindingKind(
            file, about.function, diagnostic.code, about.canonical or about.equation or ""
        )

    def text(self) -> str:
        """The content of the file: one line for each kind, sorted."""
        lines = (
            json.dumps({**asdict(kind), "count": count})
            for kind, count in sorted(self.accepted.items())
        )
        body = ",".join(f"\n    {line}" for line in lines)
        findings = f"[{body}\n  ]" if body else "[]"
        return f'{{\n  "version": {_VERSION},\n  "findings": {findings}\n}}\n'


def empty_baseline(path: Path) -> Baseline:
    """The baseline of a file that does not exist yet."""
    return Baseline(absolute(path).parent, Counter())


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        BaselineError: the file does not exist, or is not a baseline of this version.
    """
    try:
        content = json_object(path.read_bytes())
        accepted: Counter[FindingKind] = Counter()
        for kind, count in _entries(content):
            accepted[kind] += count
    except FileNotFoundError as error:
        raise BaselineError(
            f"{path}: no such file; `einlint baseline -o {path}` writes it"
        ) from error
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror or error}") from error
    except WrongFormError as error:
        raise BaselineError(f"{path}: not a baseline: {error}; {_WAY_OUT}") from error
    return replace(empty_baseline(path), accepted=accepted)


def _entries(content: Mapping[str, object]) -> Iterator[tuple[FindingKind, int]]:
    version = typed(_Head, content).version
    if version != _VERSION:
        raise WrongFormError(f"version {version!r}: einlint reads only {_VERSION}")
    yield from map(_entry, typed(_Body, content).findings)


def _entry(record: object) -> tuple[FindingKind, int]:
    kind, count = typed(FindingKind, record), typed(_Count, record).count
    if count < 1:
        raise WrongFormError(f"`count` must be a whole number from 1, not {count!r}")
    return kind, count


def _with_note(diagnostic: Diagnostic, accepted: int) -> Diagnostic:
    place = "in this function; any of them may be the new one"
    note = f"the baseline accepts {accepted} like this {place}"
    return replace(diagnostic, notes=(*diagnostic.notes, note))
