"""Fingerprints of findings: they stay the same when lines are added or removed around them."""

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from einlint.diagnostics import Diagnostic
from einlint.output.format import Report
from einlint.output.paths import portable_path


def with_fingerprints(report: Report) -> Iterator[tuple[Diagnostic, str]]:
    """Every finding with a hash that is unique in the run.

    It is computed from the file, the code and the canonical equation. Findings that agree in all
    of these are numbered in the order of the file.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for each in report.diagnostics:
        key = (portable_path(each.filename, report.root), each.code, _subject(each))
        seen[key] += 1
        yield each, sha256(json.dumps([*key, seen[key]]).encode()).hexdigest()


def _subject(diagnostic: Diagnostic) -> str:
    about = diagnostic.about
    return "" if about is None else about.canonical or about.equation or ""
