"""`einlint --fix --verified REPORT`: what verify vouches for is applied, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import FIXED, SOURCE, called, einlint, write

pytest.importorskip("torch")

CALLS = """import torch


def f(u, v, a, b):
    x = torch.einsum("i,i->", u, v)
    y = torch.einsum("ij,jk->ik", a, b)
    return x, y, torch.einsum("i,j->ij", u, v)
"""
DOT = ("i,i->", "torch.einsum('i,i->', a, b)", "a @ b")
MATMUL = ("ij,jk->ik", "torch.einsum('ij,jk->ik', a, b)", "a @ b")
OUTER = ("i,j->ij", "torch.einsum('i,j->ij', a, b)", "torch.outer(a, b)")
ATTENTION = (
    *("bhqd,bhkd->bhqk", "torch.einsum('bhqd,bhkd->bhqk', a, b)", "a @ b.transpose(-2, -1)"),
)
FASTER = ("--fix", "--isolated", "--verified", "r.json")
SAME = (*FASTER, "--verified-at-least", "same")

Record = dict[str, Any]
FoundRewrite = tuple[str, ...]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """What verify says of the calls."""
    folder = tmp_path_factory.mktemp("measured")
    write(folder, {"a.py": CALLS})
    options = ("--preset", "tiny", "--no-backward", "--threads", "1", "--format", "json")
    done = called("verify", "--isolated", *options, "-o", "r.json", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = dict(json.loads((folder / "r.json").read_text()))
    found["environment"]["busy"] = 0.0  # whatever else runs beside these tests
    return found


def entry(rewrite: FoundRewrite, *verdicts: str) -> Record:
    equation, original, replacement = rewrite
    cases = [{"verdict": verdict} for verdict in verdicts]
    texts = {"equation": equation, "original": original, "replacement": replacement}
    return {**texts, "sites": [], "cases": cases}


def save(
    folder: Path, measured: Record, *entries: Record, not_run: tuple[FoundRewrite, ...] = ()
) -> None:
    """A report of this machine with other results."""
    left = [{"equation": each[0], "replacement": each[2]} for each in not_run]
    report = {**measured, "results": list(entries), "summary": {"not_run": left}}
    (folder / "r.json").write_text(json.dumps(report))


def fixed(folder: Path, *options: str, code: int = 1) -> tuple[str, str]:
    """The file after it, and standard error."""
    done = called(*options, "a.py", cwd=folder)
    assert done.returncode == code, done.stderr
    return (folder / "a.py").read_text(), done.stderr.decode()


def test_what_was_measured_to_be_faster_is_applied(tmp_path: Path, measured: Record) -> None:
    write(tmp_path, {"a.py": CALLS, "r.json": json.dumps(measured)})
    expected = CALLS
    texts = {"i,i->": "u @ v", "ij,jk->ik": "a @ b", "i,j->ij": "torch.outer(u, v)"}
    assert [each["equation"] for each in measured["results"]] == list(texts)
    for each in measured["results"]:
        if all(case["verdict"] == "faster" for case in each["cases"]):
            operands = "a, b" if "k" in each["equation"] else "u, v"
            call = f'torch.einsum("{each["equation"]}", {operands})'
            expected = expected.replace(call, texts[each["equation"]])
    code = 0 if "einsum" not in expected else 1
    after, _ = fixed(tmp_path, *FASTER, "--unsafe-fixes", code=code)
    assert after == expected


@pytest.mark.parametrize(
    ("options", "verdicts", "is_applied"),
    [
        (FASTER, ("faster", "same"), False),
        (SAME, ("faster", "same"), True),
        (SAME, ("faster", "wrong"), False),
    ],
)
def test_every_case_has_to_reach_the_level(
    tmp_path: Path,
    measured: Record,
    options: tuple[str, ...],
    verdicts: tuple[str, ...],
    is_applied: bool,
) -> None:
    write(tmp_path, {"a.py": SOURCE})
    save(tmp_path, measured, entry(ATTENTION, *verdicts))
    after, errors = fixed(tmp_path, *options, code=0 if is_applied else 1)
    claim = "faster or the same" if options == SAME else "faster"
    assert after == (FIXED if is_applied else SOURCE)
    assert errors == ("" if is_applied else f"1 fix left: not verified as {claim}.\n")


def test_cases_that_were_not_run_count_as_not_verified(tmp_path: Path, measured: Record) -> None:
    write(tmp_path, {"a.py": CALLS})
    entries = (entry(DOT, "faster"), entry(MATMUL, "faster"))
    save(tmp_path, measured, *entries, not_run=(DOT,))
    after, errors = fixed(tmp_path, *FASTER)
    assert after == CALLS.replace('torch.einsum("ij,jk->ik", a, b)', "a @ b")
    assert errors == "1 fix left: not verified as faster.\n"


def test_a_fix_that_pays_is_not_a_safe_one(tmp_path: Path, measured: Record) -> None:
    write(tmp_path, {"a.py": CALLS})
    save(tmp_path, measured, *(entry(each, "faster") for each in (DOT, MATMUL, OUTER)))
    after, errors = fixed(tmp_path, *FASTER)
    assert "torch.outer" not in after
    assert errors == ""
    assert "torch.outer" in fixed(tmp_path, *FASTER, "--unsafe-fixes", code=0)[0]


@pytest.mark.parametrize(
    ("call", "replacement"),
    [
        ('torch.einsum("ij,jk->ik", self.w, f(x))', "self.w @ f(x)"),
        ('(torch.einsum("ij,jk->ik", a.b, -c)).sum()', "(a.b @ -c).sum()"),
        ('torch.einsum("ij,jk->ik", a, a)', "a @ a"),
        ('torch.einsum("ij,kj->ik", a, b)', None),
        ('torch.einsum("ab,bc->ac", a, b)', None),
        ('torch.einsum("ij,jk->ik", [a, b])', None),
        ('torch.einsum("jk,ij->ik", b, a)', None),
    ],
)
def test_only_the_very_pair_of_texts_is_verified(
    tmp_path: Path, measured: Record, call: str, replacement: str | None
) -> None:
    write(tmp_path, {"a.py": f"import torch\n\nx = {call}\ny = torch.e\n"})
    save(tmp_path, measured, entry(MATMUL, "faster"))
    after, _ = fixed(tmp_path, *FASTER, "--unsafe-fixes", code=1 if replacement is None else 0)
    assert after == f"import torch\n\nx = {replacement or call}\ny = torch.e\n"


def test_another_style_is_another_replacement(tmp_path: Path, measured: Record) -> None:
    settings = '[tool.einlint]\ntranspose = "mT"\n'
    write(tmp_path, {"a.py": SOURCE, "pyproject.toml": settings})
    save(tmp_path, measured, entry(ATTENTION, "faster"))
    after, _ = fixed(tmp_path, "--fix", "--verified", "r.json")
    assert after == SOURCE


def test_inside_a_call_that_stays_another_one_is_fixed(tmp_path: Path, measured: Record) -> None:
    text = 'import torch\n\nx = torch.einsum("i,i->", u, {})\n'
    write(tmp_path, {"a.py": text.format('torch.einsum("ij,jk->ik", a, b)[0]')})
    save(tmp_path, measured, entry(MATMUL, "faster"))
    after, errors = fixed(tmp_path, *FASTER, "--unsafe-fixes")
    assert after == text.format("(a @ b)[0]")
    assert errors == "1 fix left: not verified as faster.\n"


def test_a_fix_behind_a_verified_one_is_verified_too_or_left(
    tmp_path: Path, measured: Record
) -> None:
    """The output is written down, and only then the call is one that EIN104 may replace."""
    text = 'import torch\n\nx = torch.einsum("ij,jk{}", a, b)\n'
    write(tmp_path, {"a.py": text.format("")})
    arrow = ("ij,jk->ik", "torch.einsum('ij,jk', a, b)", "torch.einsum('ij,jk->ik', a, b)")
    save(tmp_path, measured, entry(arrow, "faster"))
    options = (*FASTER, "--select", "EIN006,EIN104", "--unsafe-fixes")
    after, errors = fixed(tmp_path, *options)
    assert after == text.format("->ik")
    assert errors == "1 fix left: not verified as faster.\n"


def test_a_comment_is_no_rewrite(tmp_path: Path, measured: Record) -> None:
    text = SOURCE.replace("import torch", "import torch  # noqa: EIN104")
    write(tmp_path, {"a.py": text})
    save(tmp_path, measured, entry(ATTENTION, "faster"))
    after, errors = fixed(tmp_path, *FASTER, "--extend-select", "EIN901")
    assert after == FIXED.replace("import torch", "import torch  # noqa: EIN104")
    assert errors == "1 fix left: not verified as faster.\n"


@pytest.mark.parametrize("options", [FASTER, (*FASTER, "--diff", "--output-format", "json")])
def test_the_outcome_does_not_depend_on_the_number_of_processes(
    tmp_path: Path, measured: Record, options: tuple[str, ...]
) -> None:
    done = []
    for jobs in ("1", "2"):
        write(tmp_path, {f"m{number}.py": CALLS for number in range(9)})
        save(tmp_path, measured, entry(DOT, "faster"))
        done.append(einlint("-j", jobs, *options, cwd=tmp_path))
    one, several = done
    assert one.returncode == 1
    assert (one.stdout, one.stderr) == (several.stdout, several.stderr)
    assert one.stderr.startswith(b"9 fixes left: not verified as faster.\n")


def test_a_diff_shows_what_would_be_applied(tmp_path: Path, measured: Record) -> None:
    write(tmp_path, {"a.py": CALLS})
    save(tmp_path, measured, entry(DOT, "faster"))
    done = einlint("--diff", "--isolated", "--verified", "r.json", "a.py", cwd=tmp_path)
    assert done.returncode == 1
    assert b"+    x = u @ v\n" in done.stdout
    assert b"a @ b" not in done.stdout
    assert done.stderr == b"1 fix left: not verified as faster.\n1 file would be changed.\n"
    assert (tmp_path / "a.py").read_text() == CALLS


def test_programs_get_nothing_but_the_findings(tmp_path: Path, measured: Record) -> None:
    write(tmp_path, {"a.py": CALLS})
    save(tmp_path, measured, entry(DOT, "faster"))
    done = called(*FASTER, "--output-format", "json", "a.py", cwd=tmp_path)
    assert [each["code"] for each in json.loads(done.stdout)] == ["EIN104"]
    assert done.stderr == b"1 fix left: not verified as faster.\n"
    assert called(*FASTER, "-q", "a.py", cwd=tmp_path).stderr == b""


def test_standard_input(tmp_path: Path, measured: Record) -> None:
    save(tmp_path, measured, entry(DOT, "faster"))
    done = called(*FASTER, "-", cwd=tmp_path, stdin=CALLS.encode())
    assert done.stdout.decode() == CALLS.replace('torch.einsum("i,i->", u, v)', "u @ v")
    assert b"1 fix left: not verified as faster.\n" in done.stderr


def test_notebooks(tmp_path: Path, measured: Record) -> None:
    cells = ["import torch", 'x = torch.einsum("i,i->", u, v)', 'torch.einsum("ij,jk->ik", a, b)']
    made = [{"cell_type": "code", "source": each, "metadata": {}, "outputs": []} for each in cells]
    kernel = {"kernelspec": {"language": "python", "name": "python3"}}
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": made}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    save(tmp_path, measured, entry(MATMUL, "faster"))
    done = called(*FASTER, "a.ipynb", cwd=tmp_path)
    after = json.loads((tmp_path / "a.ipynb").read_text())
    assert [each["source"] for each in after["cells"]] == [*cells[:2], "a @ b"]
    assert done.stderr == b"1 fix left: not verified as faster.\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"results": [{}]}, "`equation` is missing: create it with `einlint verify"),
        ({"environment": {"torch": "2"}}, "`cpu` is missing: create it with `einlint verify"),
    ],
)
def test_a_report_that_says_nothing_here_is_refused(
    tmp_path: Path, measured: Record, change: Record, message: str
) -> None:
    write(tmp_path, {"a.py": SOURCE, "r.json": json.dumps({**measured, **change})})
    after, errors = fixed(tmp_path, *FASTER, code=2)
    assert after == SOURCE
    assert message in errors.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fix", "--verified", "no.json"), "no.json: No such file or directory"),
        (
            ("--verified", "no.json"),
            "no.json: No such file or directory; `einlint verify --format json -o report.json`",
        ),
        (("--fix", "--verified-at-least", "same"), "needs `--verified REPORT`"),
    ],
)
def test_the_options_go_together(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    write(tmp_path, {"a.py": SOURCE})
    after, errors = fixed(tmp_path, *options, code=2)
    assert after == SOURCE
    assert message in errors


def test_a_report_of_a_busy_machine_has_to_be_accepted(tmp_path: Path, measured: Record) -> None:
    write(tmp_path, {"a.py": SOURCE})
    environment = {**measured["environment"], "busy": 0.2, "host": "elsewhere"}
    save(tmp_path, {**measured, "environment": environment}, entry(ATTENTION, "faster"))
    after, errors = fixed(tmp_path, *FASTER, code=2)
    assert after == SOURCE
    assert "r.json was measured on a busy machine (other programs took 20 % of the time)" in errors
    assert fixed(tmp_path, *FASTER, "--accept-busy", code=0) == (FIXED, "")


def test_accept_busy_is_about_a_report(tmp_path: Path) -> None:
    done = called("--accept-busy", cwd=tmp_path)
    assert done.returncode == 2
    assert "`--accept-busy` needs `--verified REPORT`" in done.stderr.decode()


def test_a_call_with_many_equal_operands_is_found_in_the_report(
    tmp_path: Path, measured: Record
) -> None:
    """Each order of them was a reading: the run did not end."""
    equation, names = ",".join(["i"] * 11), ", ".join("abcdefghijk")
    source = f'import torch\n\n\ndef f(a):\n    return torch.einsum("{equation}", {"a, " * 11})\n'
    write(tmp_path, {"a.py": source})
    texts = (f"torch.einsum('{equation}{output}', {names})" for output in ("", "->"))
    save(tmp_path, measured, entry((equation, *texts), "faster"))
    done = einlint(*FASTER, "--select", "EIN006", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert f'"{equation}->"' in (tmp_path / "a.py").read_text()
