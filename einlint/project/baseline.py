"""Baselines: how many findings of each kind are accepted, whatever their rows and index names."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final

from einlint.diagnostics import Diagnostic
from einlint.project.files import absolute

_VERSION: Final = 1
_WAY_OUT: Final = "restore it, or delete it and run `einlint baseline` for a new one"


class BaselineError(ValueError):
    """The file is no baseline that can be read."""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What findings have in common that a baseline does not tell apart.

    file: as seen from the folder of the baseline, with forward slashes.
    function: the dotted name of the function around the call, empty outside of any.
    equation: canonical; as it is written where it is invalid, and empty without a call.
    """

    file: str
    function: str
    code: str
    equation: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The number of accepted findings of each kind; `folder` is where its file lies."""

    folder: Path
    accepted: Counter[Kind]

    def name_of(self, filename: str) -> str:
        """A file as it is called in the baseline; absolute if it is on another drive."""
        place = absolute(Path(filename))
        try:
            return Path(os.path.relpath(place, self.folder)).as_posix()
        except ValueError:
            return place.as_posix()

    def counts(self, diagnostics: Iterable[Diagnostic]) -> Counter[Kind]:
        """The number of findings of each kind."""
        return Counter(self._kind(each) for each in diagnostics)

    def new(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The findings that are not accepted: of more of a kind than that, the last ones."""
        return list(self._new(diagnostics))

    def _new(self, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        seen: Counter[Kind] = Counter()
        for each in diagnostics:
            kind = self._kind(each)
            seen[kind] += 1
            accepted = self.accepted[kind]
            if seen[kind] > accepted:
                yield _with_note(each, accepted) if accepted else each

    def _kind(self, diagnostic: Diagnostic) -> Kind:
        file, about = self.name_of(diagnostic.filename), diagnostic.about
        if about is None:
            return Kind(file, "", diagnostic.code, "")
        return Kind(file, about.function, diagnostic.code, about.canonical or about.equation or "")

    def text(self) -> str:
        """The content of its file: a row for each kind, sorted."""
        rows = (
            json.dumps({**asdict(kind), "count": count})
            for kind, count in sorted(self.accepted.items())
        )
        body = ",".join(f"\n    {row}" for row in rows)
        findings = f"[{body}\n  ]" if body else "[]"
        return f'{{\n  "version": {_VERSION},\n  "findings": {findings}\n}}\n'


def empty_baseline(path: Path) -> Baseline:
    """The baseline of a file that does not exist yet."""
    return Baseline(absolute(path).parent, Counter())


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        BaselineError: there is none, or none of this version; the text says the way out.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BaselineError(
            f"{path}: there is no such file; `einlint baseline -o {path}` writes it"
        ) from error
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}: it is not JSON: {error}; {_WAY_OUT}") from error
    baseline = empty_baseline(path)
    try:
        for kind, count in _entries(content):
            baseline.accepted[kind] += count
    except BaselineError as error:
        raise BaselineError(f"{path}: {error}; {_WAY_OUT}") from error
    return baseline


def _entries(content: object) -> Iterator[tuple[Kind, int]]:
    if not isinstance(content, dict) or "version" not in content:
        raise BaselineError("it is no baseline: it has no `version`")
    if content["version"] != _VERSION:
        raise BaselineError(f"version {content['version']!r} is not read, only {_VERSION}")
    if not isinstance(content.get("findings"), list):
        raise BaselineError("it has no list of `findings`")
    yield from map(_entry, content["findings"])


def _entry(row: object) -> tuple[Kind, int]:
    names = [each.name for each in fields(Kind)]
    if not isinstance(row, dict) or set(row) != {*names, "count"}:
        raise BaselineError(f"a finding has `{'`, `'.join(names)}` and `count`, not {row!r}")
    texts, count = [row[name] for name in names], row["count"]
    if not all(isinstance(each, str) for each in texts):
        raise BaselineError(f"what a finding says is text, but for `count`: {row!r}")
    if type(count) is not int or count < 1:
        raise BaselineError(f"`count` is a number from 1, not {count!r}")
    return Kind(*texts), count


def _with_note(diagnostic: Diagnostic, accepted: int) -> Diagnostic:
    note = f"the baseline accepts {accepted} like it here; which of them is new cannot be told"
    return replace(diagnostic, notes=(*diagnostic.notes, note))
