"""`einlint bench` as users run it."""

import json
from pathlib import Path
from typing import Any

import html5lib
import pytest

from einlint.cli.main import cli
from tests.cli.run import MALFORMED, MALFORMED_SIZES, called, einlint

pytest.importorskip("torch")

SVG = "{http://www.w3.org/2000/svg}svg"
FAST = ("bench", "--threads", "1")
EINSUM = "torch.einsum('ik,kj->ij', a, b)"


def report(*arguments: str, cwd: Path, code: int = 0) -> dict[str, Any]:
    done = called(*FAST, "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout))


def test_json_has_the_shape_that_is_promised(tmp_path: Path) -> None:
    found = report("ik,kj->ij", "--size", "i=3,j=5", "--sweep", "k=2..8", cwd=tmp_path)
    assert set(found) == {"environment", "equations"}
    assert found["environment"]["threads"] == 1
    (equation,) = found["equations"]
    assert set(equation) == {"equation", "points", "crossovers"}
    assert equation["equation"] == "ik,kj->ij"
    first, second = equation["points"]
    assert first["sizes"] == {"i": 3, "k": 2, "j": 5}
    assert second["sizes"] == {"i": 3, "k": 8, "j": 5}
    assert set(first) == {"sizes", "dtype", "device", "mode", "best", "candidates"}
    assert (first["dtype"], first["device"], first["mode"]) == ("float32", "cpu", "forward")
    texts = [each["text"] for each in first["candidates"]]
    assert texts[0] == EINSUM
    assert {"a @ b", "torch.mm(a, b)", "torch.tensordot(a, b, dims=1)"} < set(texts)
    assert first["best"] in texts
    for each in first["candidates"]:
        assert set(each) == {"text", "verdict", "speedup", "seconds", "peak_bytes", "error"}
        assert set(each["speedup"]) == {"median", "low", "high"}
        assert set(each["seconds"]) == {"median", "iqr"}
        assert each["peak_bytes"] >= 3 * 5 * 4
        assert each["error"] < 1e-5
    assert first["candidates"][0]["speedup"] == {"median": 1.0, "low": 1.0, "high": 1.0}
    assert isinstance(equation["crossovers"], list)


def test_a_candidate_that_is_wrong_is_listed_with_the_reason(tmp_path: Path) -> None:
    """`sum` makes int64 of int32, einsum does not."""
    sizes = ("--size", "i=3,j=4,k=5")
    (equation,) = report("ik,kj->ij", *sizes, "--dtype", "int32", cwd=tmp_path)["equations"]
    (point,) = equation["points"]
    found = {each["text"]: each for each in point["candidates"]}
    summed = found["(a.unsqueeze(1) * b.T).sum(-1)"]
    assert (summed["verdict"], summed["note"]) == ("wrong", "another dtype")
    assert summed["speedup"] is summed["seconds"] is None
    assert found["torch.mm(a, b)"]["speedup"] is not None


def test_text_and_several_equations_and_dtypes(tmp_path: Path) -> None:
    options = ("--sweep", "i=2..4", "--dtype", "float32,float64")
    done = einlint(*FAST, "i,i->", "ij,j->i", *options, cwd=tmp_path)
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    for heading in (
        "i,i->  float32, cpu, forward",
        "i,i->  float64, cpu, forward",
        "ij,j->i  j=32, float32, cpu, forward",
    ):
        assert f"\n{heading}\n" in text
    assert "torch.mv(a, b)" in text
    assert text.endswith("8 points measured.\n")


def test_the_page(tmp_path: Path) -> None:
    sweep = ("--sweep", "i=2..4", "--format", "html", "-o", "page.html")
    done = called(*FAST, "i,i->", *sweep, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        (tmp_path / "page.html").read_text()
    )
    assert len(page.findall(f".//figure/{SVG}")) == 1
    assert page.findall(".//tbody/tr/th")[0].text == "torch.einsum('i,i->', a, b)"


def test_what_the_budget_leaves_out_is_listed(tmp_path: Path) -> None:
    """Nothing measured is no success."""
    found = report("ik,kj->ij", "--budget", "0", cwd=tmp_path, code=1)
    points = found["equations"][0]["points"]
    assert [point["sizes"]["i"] for point in points] == [4, 16, 64, 256, 1024]
    assert {point["note"] for point in points} == {"not run: the budget was spent"}
    assert {point["best"] for point in points} == {None}


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from einlint.verify.running import runner

    done = []

    def interrupted(batch: Any, seconds_left: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(batch)
        sample(batch, seconds_left)

    sample = runner.sample
    monkeypatch.setattr(runner, "sample", interrupted)
    monkeypatch.setattr(runner, "is_full", lambda batch, seconds: len(batch) == 1)
    ends = report("i,i->", "--sweep", "i=2..32", cwd=tmp_path, code=130)
    points = ends["equations"][0]["points"]
    assert [point["best"] is not None for point in points] == [True, False, False]
    assert points[1]["note"] == "not run: interrupted"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("ij,jk->iz",),
            "torch rejects this equation: output index `z` does not occur in any operand\n"
            "  ij,jk->iz\n          ^",
        ),
        (("ij,j1->i",), "`1` in operand 2 is not an index"),
        (("i,i->", "--sweep", "q=1..4"), "--sweep: `i,i->` has no index `q`"),
        (("i,i->", "ij,j->i", "--sweep", "j=1..4"), "--sweep: `i,i->` has no index `j`"),
        (("i,i->", "--size", "q=4"), "--size q: no equation has the index `q`"),
        (
            ("i,i->", "--size", "i=4", "--sweep", "i=1..4"),
            "--sweep: `i` has a size already: leave out --size i=4",
        ),
        (("i,i->", "--sweep", "i=4..1"), "`i=4..1` runs backwards: write i=1..4"),
        (("i,i->", "--dtype", "float3"), "unknown dtype `float3`; did you mean `float32`?"),
        (("ij->ij",), "`ij->ij`: there is no other spelling to compare it with"),
        (("i,i->", "--device", "cpx"), "`cpx` is not a known device: use cpu, cuda, mps"),
        ((), "Missing argument 'EQUATION...'"),
    ],
)
def test_usage_errors_name_the_place_and_the_way_out(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    done = called("bench", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert expected in done.stderr.decode()


@pytest.mark.parametrize("size", MALFORMED_SIZES)
def test_malformed_sizes(tmp_path: Path, size: str) -> None:
    done = called("bench", "b,b->", "--size", size, cwd=tmp_path)
    assert done.returncode == 2
    assert MALFORMED.format(size) in done.stderr.decode()


def test_it_is_one_of_the_commands() -> None:
    assert cli.get_command(None, "bench") is not None  # type: ignore[arg-type]


def test_verify_compares_all_spellings_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fix's own text comes once."""
    from einlint.verify.running import runner

    (tmp_path / "a.py").write_text(
        'import torch\n\nc = torch.einsum("i,j->ij", a, b)\n', encoding="utf-8"
    )
    options = ("verify", "--isolated", "--preset", "tiny", "--threads", "1", "--no-backward")
    done = called(*options, "--candidates", "--dry-run", "a.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "`--dry-run` runs nothing" in done.stderr.decode()
    run_job, jobs = runner.run_job, []
    monkeypatch.setattr(runner, "run_job", lambda job, step: jobs.append(job) or run_job(job, step))
    for flags in ((), ("--candidates",)):
        done = called(*options, *flags, "a.py", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    without, all_of_them = (job.rewrites[0] for job in jobs)
    assert without.pair.readings == ("torch.outer(a, b)",)
    assert without.candidates == ()
    assert [each.text for each in all_of_them.candidates] == ["a.unsqueeze(-1) * b"]
