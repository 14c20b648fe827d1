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
    assert findings(cwd=tmp_path / "p") == []  # the base ignores EIN105, and the file EIN102
    (finding,) = findings("--extend-select", "EIN105", cwd=tmp_path / "p")
    assert (finding["filename"], finding["code"]) == ("a.py", "EIN105")
    assert "torch.matmul" in finding["fix"]["message"]
    shown = called("--show-settings", cwd=tmp_path / "p").stdout.decode()
    assert shown.splitlines()[:2] == [
        f"# from {tmp_path}/p/../shared/base.toml",
        f"# from {tmp_path}/p/einlint.toml",
    ]
    assert 'extend-exclude = ["gen_*", "old"]' in shown


# With all rules: EIN006, EIN102, EIN104.
MANY = f"""{OUTER}
y = torch.einsum("ij,jk", a, b)
"""


@pytest.mark.parametrize(
    ("base", "own", "options", "expected"),
    [
        # A later layer wins, however short its prefix is.
        ('select = ["EIN0", "EIN1"]\nignore = ["EIN006"]', 'extend-select = ["EIN006"]', "", "all"),
        ('ignore = ["EIN104"]', 'extend-select = ["EIN1"]', "", "EIN102 EIN104"),
        ('extend-select = ["EIN006"]', 'ignore = ["EIN0"]', "", "EIN102 EIN104"),
        ('select = ["EIN006"]', 'ignore = ["ALL"]', "", ""),
        ('ignore = ["ALL"]', 'extend-select = ["EIN104"]', "", "EIN104"),
        ('ignore = ["EIN104"]', 'ignore = ["EIN102"]', "", ""),
        # Within a layer the longer prefix wins, and of two equal ones `ignore`.
        ("", 'select = ["EIN1"]\nignore = ["EIN104"]', "", "EIN102"),
        ("", 'select = ["EIN104"]\nignore = ["EIN1"]', "", "EIN104"),
        ("", 'select = ["EIN104"]\nignore = ["EIN104"]', "", ""),
        # `select` replaces all below.
        (
            'extend-select = ["EIN006"]\nignore = ["EIN104"]',
            'select = ["EIN1"]',
            "",
            "EIN102 EIN104",
        ),
        ('select = ["ALL"]', "select = []", "", ""),
        ('ignore = ["EIN104"]', "select = []", "--extend-select EIN104", "EIN104"),
        # What says nothing about rules changes none.
        ('select = ["EIN102"]', "annotate = true", "", "EIN102"),
        # The command line is one more layer.
        ("", 'ignore = ["EIN006"]', "--extend-select EIN006", "all"),
        ("", 'ignore = ["EIN104"]', "--extend-select EIN1", "EIN102 EIN104"),
        ("", 'select = ["EIN104", "EIN102"]', "--ignore EIN1", ""),
        ("", 'select = ["EIN104", "EIN102"]', "--ignore EIN104", "EIN102"),
        ("", 'extend-select = ["EIN006"]\nignore = ["EIN104"]', "--select EIN1", "EIN102 EIN104"),
        ("", 'ignore = ["EIN104"]', "--ignore EIN1 --extend-select EIN104", "EIN104"),
        ('ignore = ["EIN104"]', 'extend-select = ["EIN104"]', "--ignore EIN1", ""),
        # Codes by file are ignored above all.
        ("", 'per-file-ignores = { "a.py" = ["EIN104"] }', "--extend-select EIN104", "EIN102"),
    ],
)
def test_rules_are_selected_in_layers(
    tmp_path: Path, base: str, own: str, options: str, expected: str
) -> None:
    own = f'extend = "../base.toml"\n{own}\n'
    write(tmp_path, {"base.toml": f"{base}\n", "p/einlint.toml": own, "p/a.py": MANY})
    codes = "EIN006 EIN102 EIN104" if expected == "all" else expected
    found = findings(*options.split(), cwd=tmp_path / "p")
    assert sorted(each["code"] for each in found) == codes.split()
    shown = called("--show-settings", *options.split(), cwd=tmp_path / "p").stdout
    write(tmp_path, {"q/pyproject.toml": shown.decode(), "q/a.py": MANY})
    again = findings(cwd=tmp_path / "q")
    assert [each["code"] for each in again] == [each["code"] for each in found]


@pytest.mark.parametrize(
    ("base", "own", "options", "fixed"),
    [
        ('unfixable = ["EIN104"]', 'fixable = ["EIN1"]', "", True),
        ('fixable = ["EIN104"]', 'unfixable = ["EIN1"]', "", False),
        ('unfixable = ["EIN104"]', 'unfixable = ["EIN105"]', "", False),
        ("", 'unfixable = ["EIN104"]', "--fixable EIN104", True),
        ("", 'fixable = ["EIN104"]', "--unfixable EIN1", False),
    ],
)
def test_what_is_fixed_is_selected_in_layers(
    tmp_path: Path, base: str, own: str, options: str, fixed: bool
) -> None:
    own = f'extend = "../base.toml"\n{own}\n'
    source = 'import torch\n\nx = torch.einsum("ij,jk->ik", a, b)\n'
    write(tmp_path, {"base.toml": f"{base}\n", "p/einlint.toml": own, "p/a.py": source})
    called("--fix", *options.split(), cwd=tmp_path / "p")
    assert ("einsum" not in (tmp_path / "p/a.py").read_text()) == fixed


def test_an_unknown_code_names_its_own_file(tmp_path: Path) -> None:
    write(tmp_path, {"base.toml": 'select = ["EIN1"]\n', "a.py": SOURCE})
    write(tmp_path, {"einlint.toml": 'extend = "base.toml"\nignore = ["EIN999"]\n'})
    done = called(cwd=tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path}/einlint.toml: unknown rule code `EIN999`" in done.stderr.decode()


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
