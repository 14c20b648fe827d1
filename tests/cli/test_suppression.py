"""Comments that silence findings, EIN901 and --add-ignore, from the outside."""

from pathlib import Path

import pytest

from tests.cli.run import called, einlint, findings, write

CALL = 'torch.einsum("bij,bjk->bik", a, b)'
ROWS = 'torch.einsum({0}\n    "bij,bjk->bik",\n    a,{1}\n    b,{2}\n){3}\n'


def codes(folder: Path, *options: str) -> list[tuple[int, str]]:
    found = findings("--isolated", *options, cwd=folder)
    return [(each["location"]["row"], each["code"]) for each in found]


def fixed(folder: Path, source: str | bytes, *options: str) -> bytes:
    """What --fix makes of a file."""
    data = source.encode() if isinstance(source, str) else source
    (folder / "a.py").write_bytes(data)
    called("--isolated", "--fix", *options, cwd=folder)
    return (folder / "a.py").read_bytes()


@pytest.mark.parametrize(
    "comment", ["# noqa", "# noqa: E501,EIN105", "# einlint: ignore[EIN105] y"]
)
@pytest.mark.parametrize("row", range(4))
def test_a_comment_on_any_row_silences_the_call_and_its_fix(
    tmp_path: Path, comment: str, row: int
) -> None:
    places = [f"  {comment}" if row == each else "" for each in range(4)]
    source = "import torch\n\nx = " + ROWS.format(*places)
    assert fixed(tmp_path, source, "--unsafe-fixes") == source.encode()
    assert codes(tmp_path) == []
    assert called(cwd=tmp_path).returncode == 0


def test_a_comment_above_or_below_does_not(tmp_path: Path) -> None:
    source = f"import torch\n# noqa: EIN105\nx = {CALL}\n# noqa: EIN105\n"
    assert b"x = a @ b" in fixed(tmp_path, source)


def test_the_row_below_a_backslash_or_in_front_of_the_end_of_a_string(tmp_path: Path) -> None:
    source = f"import torch\nx = {CALL} + \\\n  c  # noqa: EIN105\nf({CALL}, '''\n''')  # noqa\n"
    assert fixed(tmp_path, source) == source.encode()


@pytest.mark.parametrize(
    "source",
    [
        b"import torch\r\nx = " + CALL.encode() + b"  # noqa: EIN105\r\n",
        b"import torch\rx = " + CALL.encode() + b"  # noqa: EIN105\r",
        b"\xef\xbb\xbf# t\nimport torch\nx = " + CALL.encode() + b"  # noqa: EIN105\n",
        b"import torch\n\x0c\nx = " + CALL.encode() + b"\t#noqa:EIN105",
        b"# coding: latin-1\nimport torch\nx = '\xe9', "
        + CALL.encode()
        + b"  # noqa: EIN105 \xe9\n",
        b"import torch\nif x:\n\ty = (\t" + CALL.encode() + b"\t)\t# einlint: ignore[EIN105]\n",
        b"import torch\n@f(" + CALL.encode() + b")  # noqa: EIN105\ndef g(): pass\n",
        b"import torch\nx = f\"{torch.einsum('bij,bjk->bik', a, b)}\"  # noqa: EIN105\n",
        b"import torch\nx = f'''\n{" + CALL.encode() + b"}\n'''  # noqa: EIN105\n",
        b"import torch\nx = " + CALL.encode() + b"\n# einlint: ignore-file[EIN105] why\n",
        b"import torch\nx = " + CALL.encode() + b"\n# flake8: noqa: EIN105\n",
    ],
)
def test_the_bytes_around_do_not_matter(tmp_path: Path, source: bytes) -> None:
    assert fixed(tmp_path, source, "--unsafe-fixes") == source


def test_text_inside_a_string_silences_nothing(tmp_path: Path) -> None:
    source = f"import torch\nx = {CALL}, '# noqa'\ny = '''\n# einlint: ignore-file\n'''\n"
    assert b"x = a @ b, '# noqa'" in fixed(tmp_path, source)


def test_a_comment_speaks_of_all_calls_of_its_row(tmp_path: Path) -> None:
    dot = 'torch.einsum("i,i->", a, b)'
    write(tmp_path, {"a.py": f"import torch\nx = {CALL}, {CALL}, {dot}  # noqa: EIN105\n"})
    assert codes(tmp_path) == [(2, "EIN101")]


def test_the_row_of_an_inner_call_is_one_of_the_outer(tmp_path: Path) -> None:
    nested = f"torch.einsum({{}}\n  'bij,bjk->bik',\n  {CALL},{{}}\n  b)\n"
    write(tmp_path, {"a.py": f"import torch\nx = {nested.format('  # noqa', '')}"})
    assert codes(tmp_path) == [(4, "EIN105")]
    write(tmp_path, {"a.py": f"import torch\nx = {nested.format('', '  # noqa')}"})
    assert codes(tmp_path) == []


def test_a_fix_does_not_part_an_inner_call_from_its_comment(tmp_path: Path) -> None:
    """On one row the call and its comment stay together; on several they would not."""
    inner = 'torch.einsum("i,j->ij", a, b)'
    outer = f"torch.einsum('ij,jk->ik',\n  {inner},  # noqa: EIN102\n  c)\n"
    assert fixed(tmp_path, f"import torch\nx = {outer}", "--unsafe-fixes").decode().endswith(outer)
    told = called("--pedantic", cwd=tmp_path).stdout
    assert b"no fix: it would move a call away" in told
    one_row = f"torch.einsum('ij,jk->ik', {inner}, c)  # noqa: EIN102\n"
    after = fixed(tmp_path, f"import torch\nx = {one_row}", "--unsafe-fixes").decode()
    assert after.endswith(f"x = {inner} @ c  # noqa: EIN102\n")
    assert codes(tmp_path) == []


def test_a_fix_does_not_take_the_comment_of_an_outer_call_with_it(tmp_path: Path) -> None:
    inner = "torch.einsum('i,j->ij',  # noqa: EIN104\n  a, b)"
    source = f"import torch\nx = torch.einsum('ij,jk->ik',\n  {inner}, c)\n"
    assert fixed(tmp_path, source, "--unsafe-fixes") == source.encode()


def test_a_fix_leaves_an_inner_call_in_the_statement_that_its_comment_ends(tmp_path: Path) -> None:
    inner = 'torch.einsum("i,j->ij", a, b)'
    outer = f"f(torch.einsum('ij,jk->ik',\n  {inner},\n  c),\n  3)  # noqa: EIN102\n"
    after = fixed(tmp_path, f"import torch\nx = {outer}", "--unsafe-fixes").decode()
    assert after.endswith(f"x = f({inner} @ c,\n  3)  # noqa: EIN102\n")
    assert codes(tmp_path) == []


@pytest.mark.parametrize("comment", ["# noqa", "# einlint: ignore"])
def test_an_import_with_a_comment_stays(tmp_path: Path, comment: str) -> None:
    source = f"from torch import einsum  {comment}\nx = einsum('i,i->', a, b)\n"
    assert fixed(tmp_path, source).decode().startswith(f"from torch import einsum  {comment}\n")


def test_a_file_that_python_cannot_parse_is_reported_whatever_it_says(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "# einlint: ignore-file\n# flake8: noqa\ntorch.einsum(  # noqa\n"})
    assert [code for _, code in codes(tmp_path)] == ["EIN000"]


def unused(folder: Path, row: str, *options: str) -> list[str]:
    write(folder, {"a.py": f"import torch\n{row}\n"})
    found = findings("--isolated", "--extend-select", "EIN901", *options, cwd=folder)
    return [each["message"] for each in found if each["code"] == "EIN901"]


def test_unused_comments_are_not_reported_unless_selected(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1  # noqa: EIN105\nx = 'einsum'  # einlint: ignore\n"})
    assert codes(tmp_path) == []
    assert codes(tmp_path, "--select", "EIN9") == [(1, "EIN901"), (2, "EIN901")]


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        (f"x = {CALL}  # noqa: EIN105", []),
        (f"x = {CALL}  # noqa: EIN", []),
        (f"x = {CALL}  # einlint: ignore", []),
        (f"x = {CALL}  # noqa: EIN104, EIN105", ["`EIN104` silences nothing"]),
        ("x = 1  # noqa", []),
        ("x = 1  # noqa: E501", []),
        ("x = 1  # noqa: ein4", ["`ein4` is the code of no rule"]),
        ("x = 1  # einlint: ignore", ["the comment silences nothing"]),
        ("x = 1  # einlint: ignore[]", ["the comment silences nothing: it names no code"]),
        ("x = 1  # einlint: ignore[E501]", ["`E501` is the code of no rule"]),
        ("# einlint: ignore-file", ["the comment silences nothing"]),
        (f"x = {CALL}\n# einlint: ignore-file", []),
        ("x = 1  # noqa: EIN901, EIN105", []),
        ("x = 1  # einlint: ignore[EIN105  # noqa: EIN901", []),
        ("x = 1  # einlint: ignore-file", ["silences nothing: it must stand on a line of its own"]),
        ("x = 1  # noqa: EIN105\n# einlint: ignore-file[EIN9]", []),
        ("x = 1  # einlint: ignore[EIN105", ["silences nothing: it has no `]`"]),
        (f"x = f({CALL}).g(\n    1,\n)  # noqa: EIN105", []),
        (f"x = f({CALL}).g(\n    1,  # noqa: EIN105\n)", ["`EIN105` silences nothing"]),
        (f"if f({CALL}):\n    x = [\n    ]  # noqa: EIN105", ["`EIN105` silences nothing"]),
        ("x = f(1,  # noqa: EIN104\n    2)  # noqa: EIN901", ["`EIN104` silences nothing"]),
        (f"x = {CALL}  # einlint: noqa", ["silences nothing: write `# einlint: ignore`"]),
        (f"x = {CALL}  # einlint: ignore EIN105", ["write `# einlint: ignore[EIN105]`"]),
        (f"x = {CALL}  # einlint: off  # noqa: EIN901", []),
        (f"x = {CALL}  # noqa: EIN10, EIN150", ["`EIN150` is the code of no rule; did you mean"]),
    ],
)
def test_what_is_unused(tmp_path: Path, row: str, messages: list[str]) -> None:
    found = unused(tmp_path, row)
    assert len(found) == len(messages)
    assert all(part in message for part, message in zip(messages, found, strict=True))


def test_a_comment_for_a_rule_that_is_not_selected_is_not_unused(tmp_path: Path) -> None:
    permuted = 'x = torch.einsum("ij->ji", a)  # noqa: EIN108'
    assert unused(tmp_path, permuted, "--ignore", "EIN108") == []
    assert unused(tmp_path, permuted, "--select", "EIN901") == []
    assert unused(tmp_path, f"x = {CALL}  # einlint: ignore", "--select", "EIN901") == []


def test_a_comment_without_codes_is_not_there_for_an_optional_rule(tmp_path: Path) -> None:
    """EIN301 would report every call that is left."""
    row = 'x = torch.einsum("ij,jk,kl->il", a, b, c)  # einlint: ignore'
    assert unused(tmp_path, row) == ["the comment silences nothing"]
    assert unused(tmp_path, row, "--extend-select", "EIN301") == []


def test_fixing_unused_comments_comes_to_an_end(tmp_path: Path) -> None:
    source = (
        f"import torch\n\nx = {CALL}  # noqa: E501, EIN104  # einlint: ignore[EIN2] why\n"
        f"y = torch.einsum(  # einlint: ignore[EIN104]\n    'bij,bjk->bik', a, b)\n"
        "# einlint: ignore-file[EIN110]\nz = 1  # noqa: EIN101 what\n"
    )
    expected = b"import torch\n\nx = a @ b  # noqa: E501\ny = a @ b\nz = 1  # what\n"
    assert fixed(tmp_path, source, "--extend-select", "EIN901") == expected
    assert called("--isolated", "--select", "ALL", cwd=tmp_path).returncode == 0


def test_a_comment_less_does_not_move_a_cookie_up(tmp_path: Path) -> None:
    rest = b"\n# t\n# coding: latin-1\ns = '\xc3\xa9'\n"
    assert fixed(tmp_path, b"# einlint: ignore-file" + rest, "--select", "EIN901") == rest


def test_a_comment_stays_where_its_rule_is_not_fixable(tmp_path: Path) -> None:
    source = "x = 1  # noqa: EIN105\n"
    assert fixed(tmp_path, source, "--select", "EIN9", "--unfixable", "EIN9") == source.encode()


def test_a_broken_file_without_einsum_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = (  # noqa: EIN105\n"})
    (tmp_path / "b.py").write_bytes(b"x = '\xff'  # noqa: EIN105\n")
    assert codes(tmp_path, "--select", "ALL") == []


ADDED = """import torch

x = torch.einsum("bij,bjk->bik", a, b)  # einlint: ignore[EIN105]{0}
y = torch.einsum("i,i->", a, b), torch.einsum("ij->ji", c)  #  # einlint: ignore[EIN101, EIN108]{0}
z = torch.einsum(
    "ij,jk->ik",
    torch.einsum("i,j->ij", a, b),  # einlint: ignore[EIN102]{0}
    c,
).sum()  # einlint: ignore[EIN104]{0}
s = torch.einsum("i,i->", a, b), '''
'''  # einlint: ignore[EIN101]{0}
t = 1 + torch.einsum("i,i->", a, b) \\
    + 2  # einlint: ignore[EIN101]{0}
"""


def without_comments(text: str) -> str:
    return "".join(f"{row.partition('  # einlint')[0]}\n" for row in text.splitlines())


@pytest.mark.parametrize("reason", ["", "by hand"])
def test_add_ignore_silences_every_finding(tmp_path: Path, reason: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(without_comments(ADDED))
    path.chmod(0o754)
    option = ["--pedantic", "--add-ignore", *([reason] if reason else [])]
    done = called("--isolated", ".", *option, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"All checks passed!\n")
    assert done.stderr == b"6 comments written.\n"
    assert path.read_text() == ADDED.format(f" {reason}" if reason else "")
    assert path.stat().st_mode & 0o777 == 0o754
    before = path.stat()
    done = called("--isolated", "--extend-select", "EIN901", ".", *option, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"0 comments written.\n")
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_add_ignore_keeps_every_other_byte(tmp_path: Path, newline: str) -> None:
    source = f"\ufeffimport torch\n\x0c\nif 1:\n\tx = {CALL}{{}}\ny = 'é'".replace("\n", newline)
    path = tmp_path / "a.py"
    path.write_bytes(source.format(" \t").encode())
    assert called("--add-ignore", cwd=tmp_path).returncode == 0
    assert path.read_bytes() == source.format("  # einlint: ignore[EIN105]").encode()


def test_add_ignore_extends_a_comment_that_is_there(tmp_path: Path) -> None:
    both = "torch.einsum('ij,jk', a, b)"
    source = f"import torch\nx = {both}  # einlint: ignore[EIN104] why  # noqa: E501\n"
    write(tmp_path, {"a.py": source})
    options = ("--isolated", "--select", "EIN006,EIN104", "--add-ignore=other")
    assert called(*options, cwd=tmp_path).returncode == 0
    expected = source.replace("[EIN104]", "[EIN104, EIN006]")
    assert (tmp_path / "a.py").read_text() == expected


def test_add_ignore_writes_only_what_is_selected(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"import torch\nx = {CALL}, torch.einsum('i,i->', a, b)\n"})
    assert called("--select", "EIN101", "--add-ignore", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text().endswith("b)  # einlint: ignore[EIN101]\n")
    assert codes(tmp_path) == [(2, "EIN105")]


def test_add_ignore_tells_what_takes_no_comment(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "torch.einsum(", "b.py": "x = 1  # noqa: EIN105\n"})
    done = called("--extend-select", "EIN901", "--add-ignore", cwd=tmp_path)
    assert done.returncode == 1
    assert b"EIN000" in done.stdout
    assert b"EIN901" in done.stdout
    assert (tmp_path / "b.py").read_text() == "x = 1  # noqa: EIN105\n"


def test_add_ignore_of_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    source = f"import torch\nx = {CALL}\n".encode()
    done = called("-", "--add-ignore", cwd=tmp_path, stdin=source)
    assert (done.returncode, done.stdout) == (0, source[:-1] + b"  # einlint: ignore[EIN105]\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--add-ignore", "src"), "reads `src` as its reason: put PATHS before it"),
        (("--add-ignore", "-"), "reads `-` as its reason"),
        (("--add-ignore=a\nb",), "must be one line of printable text"),
        (("--add-ignore", "--fix"), "run --fix first"),
        (("--add-ignore", "--diff"), "run --fix first"),
    ],
)
def test_add_ignore_is_told_what_it_cannot_do(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    source = f"import torch\nx = {CALL}\n"
    write(tmp_path, {"src/a.py": source})
    done = called(*options, cwd=tmp_path)
    assert (done.returncode, message in done.stderr.decode()) == (2, True)
    assert (tmp_path / "src/a.py").read_text() == source


def test_a_reason_that_the_encoding_of_the_file_lacks(tmp_path: Path) -> None:
    source = b"# coding: latin-1\nimport torch\nx = '\xe9', " + CALL.encode()
    (tmp_path / "a.py").write_bytes(source)
    done = called("--add-ignore=\u65e5\u672c", cwd=tmp_path)
    assert done.returncode == 2
    assert b"a.py: the file in iso-8859-1 does not take the reason" in done.stderr
    assert (tmp_path / "a.py").read_bytes() == source


def test_add_ignore_counts_what_several_processes_write(tmp_path: Path) -> None:
    source = f"import torch\nx = {CALL}\n"
    write(tmp_path, {f"{name}.py": source for name in "abc"})
    done = einlint("-j", "2", "--add-ignore", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"3 comments written.\n")
    assert codes(tmp_path) == []


def test_add_ignore_names_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"import torch\nx = {CALL}\n"})
    (tmp_path / "a.py").chmod(0o444)
    done = called("--add-ignore", cwd=tmp_path)
    assert (done.returncode, b"a.py is read-only" in done.stderr) == (2, True)
    assert b"EIN105" in done.stdout


MISSPELT = "einlint: {}: `# einlint: disable=EIN105` silences nothing: write `{}`\n"
INSTEAD = "# einlint: ignore[EIN105]"


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github"])
def test_a_misspelt_comment_is_named_in_every_format(tmp_path: Path, form: str) -> None:
    source = f"import torch\n\nx = {CALL}  # einlint: disable=EIN105\n"
    write(tmp_path, {"a.py": source, "b.py": "x = 1  # einlint: disable=EIN105\n"})
    options = ("--isolated", "--output-format", form)
    done = called(*options, cwd=tmp_path)
    assert done.stderr.decode() == MISSPELT.format("a.py:3", INSTEAD)
    assert done.returncode == 1
    assert b"EIN105" in done.stdout
    assert called(*options, "--quiet", cwd=tmp_path).stderr == b""
    assert called(*options, "--extend-select", "EIN901", cwd=tmp_path).stderr == b""


def test_a_misspelt_comment_is_named_where_nothing_is_found(tmp_path: Path) -> None:
    source = "# einlint: skip-file\nimport torch\ny = torch.einsum\n"
    write(tmp_path, {"a.py": source, "c.py": "torch.einsum  # noqa: EIN901  # einlint: off\n"})
    done = called("--isolated", cwd=tmp_path)
    named = "einlint: a.py:1: `# einlint: skip-file` silences nothing: write `{}`\n"
    assert (done.returncode, done.stderr.decode()) == (0, named.format("# einlint: ignore-file"))


def test_several_processes_name_misspelt_comments_in_order(tmp_path: Path) -> None:
    source = f"import torch\nx = {CALL}  # einlint: disable=EIN105\n"
    write(tmp_path, {f"{name}.py": source for name in "abc"})
    done = einlint("-j", "2", "--exit-zero", cwd=tmp_path)
    named = "".join(MISSPELT.format(f"{name}.py:2", INSTEAD) for name in "abc")
    assert (done.returncode, done.stderr.decode()) == (0, named)
