"""Files that are broken, deep, long or large: told in every format, never a crash, nothing lost."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.run import FIXED, SOURCE, called, einlint, findings, write

CALL = 'torch.einsum("i,i->", a, b)'
BROKEN = 'import torch\n\ntorch.einsum("ij,jk->ik", a\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {"src/attention.py": SOURCE, "src/other.py": "x = 1\n"})
    return tmp_path


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        ('("ij,jk->i%", a, b)', "EIN001", "only a-z, A-Z, `...` and spaces are (column 9 of"),
        ('("ij,jk->iz", a, b)', "EIN003", "output index `z` does not occur in any operand (col"),
        ('("ij,jk->ik", a)', None, None),  # `a` may be the list of all operands
        ('("ij,jk->ik", a, b, c)', "EIN002", "has 2 terms, the call passes 3 operands"),
        ('("ij,jk->ik")', "EIN002", "has 2 terms, the call passes 0 operands"),
    ],
)
def test_a_wrong_call_is_told_and_left_alone(
    tmp_path: Path, call: str, code: str | None, message: str | None
) -> None:
    text = f"import torch\n\nx = torch.einsum{call}\n"
    write(tmp_path, {"a.py": text})
    left = findings("--fix", "--select", "EIN00", cwd=tmp_path)
    assert [each["code"] for each in left] == ([code] if code else [])
    assert all(message in each["message"] for each in left)
    assert (tmp_path / "a.py").read_text() == text


@pytest.mark.parametrize(
    ("equation", "column", "told"),
    [
        ("ij,j\u043a->ik", 5, "(U+043A CYRILLIC SMALL LETTER KA) in operand 2 only looks like `k`"),
        ("ij,jk\u2192ik", 6, "`\u2192` is no arrow: write `->`"),
    ],
)
def test_what_only_looks_right_is_named(
    tmp_path: Path, equation: str, column: int, told: str
) -> None:
    call = f'torch.einsum("{equation}", a, b)'
    write(tmp_path, {"a.py": f"import torch\n\n{call}\n"})
    (found,) = findings(cwd=tmp_path)
    assert found["code"] == "EIN001"
    assert f"{told} (column {column} of the equation)" in found["message"]
    assert (found["location"]["column"], found["end_location"]["column"]) == (1, 1 + len(call))
    explained = called("explain", equation, cwd=tmp_path)
    assert explained.returncode == 2
    assert explained.stderr.decode().endswith(f"{told}\n  {equation}\n  {'^':>{column}}\n")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BROKEN.encode(), "'(' was never closed"),
        (b"print 'einsum'\n", "Missing parentheses"),
        (b"einsum = ur'x'\n", "invalid syntax"),
        (b"try:\n    einsum()\nexcept A, e:\n    pass\n", "multiple exception types must be"),
        (b"einsum = '\0'\n", "null bytes"),
        (b"# einsum\nx = '\xff'\n", "invalid or missing encoding"),
        (b"# coding: utf-8\n\n\neinsum = '\xff'\n", "can't decode byte 0xff"),
        (b"# coding: latin-2000\n# einsum\n", "unknown encoding: latin-2000"),
        (b"# coding: rot13\n# einsum\n", "'rot13' is not a text encoding"),
        (b"einsum = f'''{\n\na b}'''\n", "invalid syntax"),
        (b"if x:\n\teinsum\n        y\n", "inconsistent use of tabs"),
        (b"einsum = " + b"(" * 3000 + b")" * 3000, "too many nested parentheses"),
        (b"x = " + b"(" * 3000 + CALL.encode() + b")" * 3000, "too many nested parentheses"),
        (b"".join(b" " * i + b"if einsum:\n" for i in range(200)), "too many levels of indent"),
    ],
)
def test_an_unreadable_file_is_a_finding_and_the_others_are_checked(
    project: Path, data: bytes, reason: str
) -> None:
    broken = project / "src/a_broken.py"
    broken.write_bytes(data)
    for options in ((), ("--fix",)):
        first, *others = findings(*options, "--exit-zero", "src", cwd=project)
        assert (first["code"], first["filename"]) == ("EIN000", "src/a_broken.py")
        assert (first["equation"], first["severity"], first["fix"]) == (None, "error", None)
        assert reason in first["message"]
        assert min(first["location"].values()) >= 1
        assert [each["code"] for each in others] == ([] if options else ["EIN105"])
    assert broken.read_bytes() == data
    assert called("src/a_broken.py", cwd=project).returncode == 1


@pytest.mark.parametrize(
    ("line", "minor", "told"),
    [
        ("type X = int", 12, " (a `type` statement needs Python 3.12 or later)"),
        ("if x:\n    type X[T] = list[T]", 12, " (a `type` statement needs Python 3.12 or later)"),
        ("def f[T](x: T): ...", 12, " (type parameters need Python 3.12 or later)"),
        ("class A[T = int]: ...", 13, " (defaults of type parameters need Python 3.13 or later)"),
        (
            """x = f'{a["b"]['c']}'""",
            12,
            " (Python 3.12 allows more in f-strings: the same quotes,",
        ),
        ("x = rt'{a}'", 14, " (a t-string needs Python 3.14 or later)"),
        ("print 'x'", 99, " (this is Python 2, which einlint does not read)"),
        ("try: x\nexcept A, B: y", 14, " (only Python 2, and Python 3.14 or later, read `exc"),
        ("try: x\nexcept A, B as e: y", 99, "types must be parenthesized"),
        ("type = ]", 99, "unmatched ']'"),
        ("x.type X = int", 99, "invalid syntax"),
    ],
)
def test_it_says_which_python_read_and_which_one_could(
    tmp_path: Path, line: str, minor: int, told: str
) -> None:
    """Once it only said `cannot be read: invalid syntax`, of code in the syntax of tomorrow."""
    write(tmp_path, {"a.py": f"{line}\neinsum\n"})
    found = findings(cwd=tmp_path)
    if sys.version_info.minor >= minor:
        assert found == []
        return
    (first,) = found
    python = f"Python 3.{sys.version_info.minor}"
    assert f"the file mentions einsum, and {python} cannot read it: " in first["message"]
    assert told in first["message"]
    advice = ["if another Python reads it, run einlint with that one"]
    assert first["notes"] == ([] if "(" in told or "unmatched" in told else advice)


def test_an_unreadable_file_names_its_position(project: Path) -> None:
    (project / "src/a_broken.py").write_text("import torch\nx = torch.einsum('i', x) 1\n")
    first, *_ = findings("src", cwd=project)
    assert first["location"] == {"row": 2, "column": 26}


def test_a_file_without_einsum_is_not_even_parsed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"def broken(:\n\xff\0")
    assert called(cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"\0", b"\x0c", b"# einsum"])
def test_next_to_nothing_is_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    assert called("--fix", "a.py", cwd=tmp_path).stdout == b"All checks passed!\n"
    assert path.read_bytes() == data


def test_deep_operands_are_reported_and_left_alone(tmp_path: Path) -> None:
    deep = "f(" * 120 + "a" + ")" * 120
    long = " + ".join(["a"] * 900)
    write(
        tmp_path,
        {
            "a.py": f'import torch\ntorch.einsum("i,i->", {deep}, b)\n',
            "b.py": f'import torch\nx = {long} + torch.einsum("i,i->", a, b)\n',
        },
    )
    first, second = findings(cwd=tmp_path)
    assert first["fix"]["applicability"] == "display"
    assert "nested too deeply" in first["notes"][0]
    assert second["fix"]["applicability"] == "safe"


DEEP: dict[str, Callable[[int], str]] = {
    "a sum before": lambda n: f"x = {'a + ' * n}{CALL}",
    "a sum behind": lambda n: f"x = {CALL}{' + a' * n}",
    "a sum as operand": lambda n: f'x = torch.einsum("i,i->", {"a + " * n}a, b)',
    "a sum as equation": lambda n: f"x = torch.einsum({' + '.join(n * [chr(34) * 2])}, b)",
    "a sum in an f-string": lambda n: f"""x = f'{{{"a + " * n}{CALL}}}'""",
    "attributes": lambda n: f'x = torch.einsum("i,i->", a{".b" * n}, b)',
    "subscripts": lambda n: f"x = {CALL}{'[0]' * n}",
    "calls": lambda n: f"x = a{'.f()' * n}.g({CALL})",
    "signs": lambda n: f"x = {'-' * n}{CALL}",
    "powers": lambda n: f"x = {'a ** ' * n}{CALL}",
    "conditions": lambda n: f"x = {'a if b else ' * n}{CALL}",
    "functions": lambda n: f"x = {'lambda: ' * n}{CALL}",
    "branches": lambda n: "if x: pass\n" + "elif x: pass\n" * n + f"else: y = {CALL}",
    "a target": lambda n: f"a{'.b' * n} = 1\nx = {CALL}",
    "aliases": lambda n: (
        "".join(f"e{i + 1} = e{i}\n" for i in range(n)) + f"x = e{n}(e{n}, a), {CALL}"
    ),
}


@pytest.mark.parametrize("depth", [330, 950, 3000, 30_000])
def test_what_nests_thousands_deep_is_no_crash(tmp_path: Path, depth: int) -> None:
    """Whether Python parses it differs by version; what it parses may be fixed."""
    sources = {f"{name}.py": f"import torch\n{form(depth)}\n" for name, form in DEEP.items()}
    write(tmp_path, {**sources, "z.py": SOURCE})
    found: dict[str, set[str]] = {}
    for options in (("--fix", "--unsafe-fixes"), ()):
        done = einlint(*options, "--pedantic", "--output-format", "json", cwd=tmp_path)
        assert done.returncode == 1
        notes = (b"unused now: torch", b"not judged: ")
        assert all(any(note in each for note in notes) for each in done.stderr.splitlines())
        for each in json.loads(done.stdout):
            found.setdefault(each["filename"], set()).add(each["code"])
    assert (tmp_path / "z.py").read_text() == FIXED
    assert set().union(*found.values()) <= {"EIN000", "EIN101"}
    for name, text in sources.items():
        is_same = (tmp_path / name).read_text() == text
        assert is_same == (name in found or name == "a sum as equation.py"), name


def test_an_index_repeated_many_times_takes_no_age(tmp_path: Path) -> None:
    """Each repetition doubled the time."""
    equations = [f"{'i' * n}{tail}" for n in (10, 26, 60, 1000) for tail in ("", "->", "->i")]
    calls = "".join(f'torch.einsum("{each}", a)\n' for each in equations)
    write(tmp_path, {"a.py": f"import torch\n\n{calls}"})
    done = einlint("--fix", "--pedantic", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")


def test_thousands_of_operands_are_no_riddle(tmp_path: Path) -> None:
    terms, operands = ",".join(["i"] * 3000), ", ".join(["a"] * 3000)
    write(tmp_path, {"a.py": f'import torch\nx = torch.einsum("{terms}->", {operands})\n'})
    assert einlint("--fix", cwd=tmp_path).returncode == 0


def test_five_megabytes_are_fixed_in_seconds(tmp_path: Path) -> None:
    """Code as people write it; the time that `einlint` gives up after is in `run`."""
    other = '''

class Module{0}(Base):
    """What it does."""

    def forward(self, x, *, scale: float = 1.0, **options):
        """Say what comes out."""
        y = [self.layers[i](each, k=scale * 2.0) for i, each in enumerate(x) if each is not None]
        if y and self.training:
            return torch.cat(y, dim=-1).reshape(x.shape[0], -1, self.heads) + self.bias{0}
        return {{"y": y, "x": x, **options}}
'''
    rows = [other.format(number) for number in range(12_300)]
    text = SOURCE + "".join(rows) + SOURCE
    assert len(text) > 5_000_000
    write(tmp_path, {"a.py": text})
    assert einlint("--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == FIXED + "".join(rows) + FIXED
