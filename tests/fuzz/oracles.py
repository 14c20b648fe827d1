"""What has to hold for every source, whatever it is."""

import ast
import io
import json
import re
import tokenize
import warnings
from collections.abc import Sequence
from typing import Any

from einlint.diagnostics import Applicability, Edit
from einlint.linting.documents import Document, Script
from einlint.linting.engine import read
from einlint.linting.findings import Change, Findings
from einlint.notebook.notebook import read_notebook
from einlint.rewriting.assumptions import MEANINGS
from einlint.settings import Settings

SILENCING = re.compile("noqa|einlint", re.IGNORECASE)
BESIDE = "; \t\f\r\n\\"
SETTINGS = (
    Settings(),
    Settings(pedantic=True, annotate=True, extend_select=("EIN",), extend_assume=tuple(MEANINGS)),
)


def check_script(data: bytes) -> None:
    """Check, fix safely and unsafely, and silence a script."""
    for settings in SETTINGS:
        source = read("a.py", data, settings)
        if isinstance(source, Findings):
            assert {each.code for each in source.diagnostics} <= {"EIN000"}
            continue
        script = Script(source)
        assert script.to_bytes() == data
        for change in changes_of(script, settings):
            after = check_edits(source.text, change)
            if change.rounds:
                assert_parses(after, source.text, change)
            assert source.to_bytes(after).decode(source.encoding).removeprefix("\ufeff") == after


def check_notebook(data: bytes) -> None:
    """The same for a notebook, of which only the sources of code cells may change."""
    for settings in SETTINGS:
        notebook = read_notebook("a.ipynb", data, settings)
        if isinstance(notebook, Findings):
            assert {each.code for each in notebook.diagnostics} <= {"EIN000"}
            continue
        assert notebook.to_bytes() == data
        for change in changes_of(notebook, settings):
            after = notebook.file.text
            for edits in change.rounds:
                after = replayed(after, edits)
            assert after == change.text
            if change.rounds:
                old, new = (json.loads(each) for each in (notebook.file.text, after))
                assert _without_code(old) == _without_code(new), "more than code is changed"


def changes_of(document: Document, settings: Settings) -> list[Change]:
    """All changes that einlint can make of a document; a second run makes none."""
    found = document.check(settings)
    again = document.check(settings)
    assert found.diagnostics == again.diagnostics
    for each in found.diagnostics:
        place = found.places.place(each.start, each.end)
        assert place.start.row >= 1
    changes = []
    for threshold in (Applicability.SAFE, Applicability.UNSAFE):
        change = document.fix(settings, threshold)
        assert len(change.fixed) == len(change.fixed_at)
        if change.rounds:
            after = document.after(change)
            assert not after.fix(settings, threshold).rounds, "a second run fixes more"
            assert _found(after.check(settings)) == _found(change.remaining)
        changes.append(change)
    silenced = document.add_ignore(settings, "why")
    if silenced.rounds:
        quiet = document.after(silenced)
        assert not quiet.add_ignore(settings, "why").rounds, "a second run silences more"
    return [*changes, silenced]


def _found(findings: Findings) -> list[tuple[str, int, int]]:
    """Without the notes: only a fix knows what it left alone, and why."""
    return [(each.code, each.start, each.end) for each in findings.diagnostics]


def _without_code(notebook: dict[str, Any]) -> object:
    """The content of a notebook, in the order of its keys, without the sources of code cells."""
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code":
            cell["source"] = None
    return json.dumps(notebook)


def check_edits(text: str, change: Change) -> str:
    """The text after all edits: each is in a call, in an import, or adds a comment."""
    for edits in change.rounds:
        spans = spans_of(text)
        for edit in edits:
            is_comment = _is_of_a_comment(text, edit)
            # An import is removed with its line, or with its semicolon.
            old = text[edit.start : edit.end]
            first = edit.start + len(old) - len(old.lstrip(BESIDE))
            last = max(first, edit.start + len(old.rstrip(BESIDE)))
            within = any(start <= first and last <= end for start, end in spans)
            assert is_comment or within, f"{edit} is in no call"
        text = replayed(text, edits)
    assert text == change.text
    return text


def _is_of_a_comment(text: str, edit: Edit) -> bool:
    """Whether an edit adds a comment, or takes (a part of) one away that silences."""
    old, new = text[edit.start : edit.end], edit.content
    line = text[max(text.rfind(end, 0, edit.start) for end in "\r\n") + 1 : edit.end]
    is_silencing = SILENCING.search(line.partition("#")[2])
    adds = not old.strip(" \t\f") and "#" in new + line  # it may take the blanks at the end of one
    return adds or (is_silencing is not None and len(new) < len(old))


def replayed(text: str, edits: Sequence[Edit]) -> str:
    """The edits, made one by one from the last; they may not overlap."""
    end = len(text)
    for edit in sorted(edits, key=lambda each: (each.start, each.end), reverse=True):
        assert 0 <= edit.start <= edit.end <= end, f"{edit} overlaps another"
        text = text[: edit.start] + edit.content + text[edit.end :]
        end = edit.start
    return text


def spans_of(text: str) -> list[tuple[int, int]]:
    """Where calls and imports are in a text, by Python's parser and by nothing of einlint.

    And functions with a softmax: of those, whole statements go if they are attention.
    """
    starts, lines = [0], io.StringIO(text, newline="").readlines()
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    functions = ast.FunctionDef | ast.AsyncFunctionDef if "oftmax" in text else ast.Call
    return [
        (offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset))
        for node in ast.walk(parsed(text))
        # Python 3.11 does not know where in an f-string a call is.
        if isinstance(node, ast.Call | ast.Import | ast.ImportFrom | ast.JoinedStr | functions)
        and node.end_lineno is not None
        and node.end_col_offset is not None
    ]


def parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def assert_parses(after: str, before: str, change: Change) -> None:
    """What is changed parses, and has the other comments still: none is lost, none becomes code."""
    parsed(after)
    if not any(each.fix is not None for each in change.fixed):
        return
    inside = {text for start, end in spans_of(before) for text in comments(before[start:end])}
    missing = [each for each in comments(before) if each not in inside]
    missing = [each for each in missing if each not in after and not SILENCING.search(each)]
    assert not missing, f"lost: {missing}"


def comments(text: str) -> list[str]:
    """The comments of a text, as far as Python's tokenizer reads it."""
    found: list[str] = []
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        found.extend(each.string.rstrip() for each in tokens if each.type == tokenize.COMMENT)
    except Exception:  # noqa: BLE001 -- tokenize raises what it likes: the rest has no comments
        return found
    return found
