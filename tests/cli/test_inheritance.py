"""`extend`: settings that build on those of another file."""

from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, findings, write

OUTER = 'import torch\n\nx = torch.einsum("i,j->ij", a, b)\n'


def test_the_inheriting_file_has_the_last_word(tmp_path: Path) -> None:
    base = 'ignore = ["EIN105"]\nmatmul = "function"\nextend-exclude = ["gen_*"]\n'
    own = 'extend = "../shared/base.toml"\nignore = ["EIN102"]\nextend-exclude = ["old"]\n'
    write(tmp_path, {"shared/base.toml": base, "p/einlint.toml": own})
    write(tmp_path, {"p/a.py": SOURCE + OUTER, "p/gen_a.py": SOURCE, "p/old/b.py": SOURCE})
    (finding,) = findings(cwd=tmp_path / "p")
    assert (finding["filename"], finding["code"]) == ("a.py", "EIN105")
    assert "torch.matmul" in finding["fix"]["message"]
    shown = called("--show-settings", cwd=tmp_path / "p").stdout.decode()
    assert shown.splitlines()[:2] == [
        f"# from {tmp_path}/p/../shared/base.toml",
        f"# from {tmp_path}/p/einlint.toml",
    ]
    assert 'extend-exclude = ["gen_*", "old"]' in shown


def test_a_chain_through_a_pyproject(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.toml": 'ignore = ["EIN105"]\n',
            "p/pyproject.toml": '[tool.einlint]\nextend = "../a.toml"\n',
            "p/s/einlint.toml": 'extend = "../pyproject.toml"\n',
            "p/s/a.py": SOURCE,
        },
    )
    assert findings(cwd=tmp_path / "p/s") == []
    assert len(findings("--isolated", cwd=tmp_path / "p/s")) == 1


def test_patterns_count_from_the_inheriting_file(tmp_path: Path) -> None:
    write(tmp_path, {"base.toml": 'extend-exclude = ["s/a.py"]\n', "s/a.py": SOURCE})
    write(tmp_path, {"p/einlint.toml": 'extend = "../base.toml"\n', "p/s/a.py": SOURCE})
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["s/a.py"]


@pytest.mark.parametrize(
    ("base", "own", "message"),
    [
        ("", 'extend = "none.toml"', "`extend` names `none.toml`, which does not exist"),
        ("", "extend = 1", "`extend` must be the path of a settings file, not 1"),
        ("asume = []", 'extend = "base.toml"', "base.toml: unknown key `asume`; did you mean"),
        ("x = ", 'extend = "base.toml"', "base.toml: Invalid value"),
        ('extend = "einlint.toml"', 'extend = "base.toml"', "leads back to this file"),
        ("", 'extend = "pyproject.toml"', "it has no [tool.einlint] table"),
        ("", 'extends = "base.toml"', "unknown key `extends`; did you mean `extend`?"),
    ],
)
def test_wrong_inheritance_exits_with_two(
    tmp_path: Path, base: str, own: str, message: str
) -> None:
    write(tmp_path, {"base.toml": base, "einlint.toml": own, "pyproject.toml": "", "a.py": SOURCE})
    done = called("a.py", cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert done.stderr.count(b"\n") <= 4, "one line, and what click says of usage"
