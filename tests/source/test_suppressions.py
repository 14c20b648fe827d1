"""Which comments are suppressions, what they name, and where they hold."""

import pytest

import einlint
from einlint.diagnostics import Edit
from einlint.linting.fixes import spliced
from einlint.linting.suppression.read import Code, Suppression, read_suppressions
from einlint.linting.suppression.remove import remove_codes
from einlint.linting.suppression.write import add_codes
from einlint.source.comments import comments_of
from einlint.source.lines import LineIndex

CALL = "e('i')"


def found(text: str) -> tuple[Suppression, ...]:
    return read_suppressions(LineIndex.of(text)).found


def is_silent(text: str, first: int, last: int, code: str = "EIN105") -> bool:
    lines = LineIndex.of(text)
    start, end = lines.starts[first - 1], lines.starts[last - 1]
    return any(True for _ in read_suppressions(lines).silencing(code, start, end))


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa",
        "# NoQA",
        "# noqa: EIN105",
        "#noqa:EIN105",
        "# NOQA : ein105",
        "# noqa: EIN101, EIN105",
        "# noqa: E501,EIN105",
        "# noqa: E501 EIN105",
        "# noqa: E501,EIN105 because of flake8",
        "# noqa: EIN1",
        "# noqa: because flake8 takes it for a bare one",
        "# fmt: skip # noqa: EIN105",
        "# noqa: E501  # noqa: EIN105",
        "# einlint: ignore",
        "#einlint:ignore",
        "# EINLINT: IGNORE[ein105]",
        "# einlint: ignore but why",
        "# einlint: ignore, although EIN105 is right",
        "# einlint: ignore ein Grund",
        "# einlint: ignore[EIN105] a reason",
        "# einlint: ignore[EIN101,EIN105]",
        "# einlint: ignore[ EIN101 , EIN105 , ]",
        "# einlint: ignore[EIN]",
        "# einlint: ignore[EIN105]# noqa: E501",
        "# type: ignore  # einlint: ignore[EIN105]",
    ],
)
def test_comments_that_silence_their_row(comment: str) -> None:
    assert is_silent(f"x = 1  {comment}\n", 1, 1)
    assert not is_silent(f"x = 1  {comment}\ny = 2", 2, 2)


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: EIN104",
        "# noqa: E1",
        "# noqa: EIN1055",
        "# no qa",
        "# noqable",
        "# flake8: noqa",
        "# einlint: ignore[]",
        "# einlint: ignore[E]",
        "# einlint: ignore[EIN105",
        "# einlint: ignore[EIN105 # see]",
        "# einlint: ignore[EIN 105]",
        "# einlint: ignore [see below]",
        "# einlint: ignored",
        "# einlint: ignore-all",
        "# einlint: ignore EIN105",
        "# einlint: ignore(EIN105)",
        "# einlint: ignore: ein105 as in the paper",
        "# einlint: disable=EIN105",
        "# einlint: noqa: E501",
        "# einlint: [EIN105]",
        "# einlint: ignore-file",
        "# einlint: ignore-file[EIN105]",
        "# einlint ignore",
        "# type: ignore[EIN105]",
    ],
)
def test_comments_that_do_not(comment: str) -> None:
    assert not is_silent(f"x = 1  {comment}\n", 1, 1)


@pytest.mark.parametrize(
    "comment",
    [
        "# einlint: ignore-file",
        "    # einlint: ignore-file[EIN105] a reason",
        "#einlint:ignore-file[EIN104,EIN1]",
        "# flake8: noqa",
        "# flake8: noqa: E501, EIN105",
        "# FLAKE8=NOQA",
    ],
)
def test_comments_that_silence_the_file(comment: str) -> None:
    assert is_silent(f"x = 1\n{comment}\ny = 1\n", 1, 1)
    assert is_silent(f"x = 1\n{comment}\ny = 1\n", 3, 3)


@pytest.mark.parametrize(
    "comment",
    [
        "# write `# einlint: ignore-file` to silence a file",
        "# flake8: noqa is for the whole file",
        "# flake8: noqa: E501",
        "# einlint: ignore-file[EIN104]",
    ],
)
def test_comments_that_do_not_silence_the_file(comment: str) -> None:
    assert not is_silent(f"x = 1\n{comment}\ny = 1\n", 1, 1)


def test_what_stands_in_a_string_is_no_comment() -> None:
    text = 'x = "# noqa"\ny = """\n# einlint: ignore-file\n"""\nz = f"# noqa"\n'
    assert found(text) == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_are_those_of_python(newline: str) -> None:
    text = "x = '\x85\u2028'\n\x0c\ny = (1,  # noqa\n\t2)\n".replace("\n", newline)
    assert [each.line for each in found(text)] == [3]
    assert [text[each.start : each.end] for each in found(text)] == ["# noqa"]


def test_columns_count_characters() -> None:
    text = "é𝔘 = 'é𝔘'  # noqa: EIN105 é\n"
    (each,) = found(text)
    assert text[each.start : each.end] == "# noqa: EIN105"


@pytest.mark.parametrize(
    "text", ["x = (1,  # noqa\n", "x = '''# noqa\n", "if x:\n  y\n z  # noqa\n"]
)
def test_where_the_tokenizer_gives_up_what_looks_like_a_comment_may_silence(text: str) -> None:
    assert [each.is_blanket for each in found(text)] == [True]
    assert not comments_of(LineIndex.of(text)).is_sure


def test_a_row_that_takes_no_comment_is_spoken_of_on_the_next_that_does() -> None:
    text = "x = f(1) + \\\n  2  # noqa\ny = f(1), '''\n'''  # noqa\nz = 3\n"
    assert comments_of(LineIndex.of(text)).open_lines[:3] == (2, 4, 5)
    assert is_silent(text, 1, 1)
    assert is_silent(text, 3, 3)
    assert not is_silent(text, 5, 5)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = f(CALL).g(\n    1,\n)  # noqa", 3),
        ("x = [\n    CALL.x\n    for y in z  # inner\n]  # noqa", 4),
        ("if f(CALL,\n     1\n     ):  # noqa\n    x = [\n    3]", 3),
        ("if f(CALL,\n     lambda: 1):  # noqa\n    x = [\n    3]", 2),
        ("while f(CALL, {1:\n    2}):  # noqa\n    pass", 2),
        ("for x in CALL.x, (\n    1):  # noqa\n    pass", 2),
        ("with f(CALL) as x, g(\n    x):  # noqa\n    pass", 2),
        ("def f(x=CALL.x, *,\n    y: int = 3\n) -> int:  # noqa\n    pass", 3),
        ("class A(CALL.x,\n    B):  # noqa\n    pass", 2),
        ("@f(CALL.x,\n    1)  # noqa\n@g(\n    3)\ndef h(\n    y): pass", 2),
        ("match f(CALL, [\n    1]):  # noqa\n    case 1: pass", 2),
        ("match x:\n    case 1 if f(CALL,\n        1):  # noqa\n        x = [\n    3]", 3),
        ("try:\n    pass\nexcept f(CALL,\n    1):  # noqa\n    pass", 4),
        ("x = f(CALL,\n    1); y = [\n    3]  # noqa", 2),
        ("if x: y = f(CALL,\n    1); z = [\n    3]  # noqa", 2),
        ("x = f(lambda: CALL.x,\n    '''\n''')  # noqa", 3),
        ("x = f(CALL,\n    f'{1:>{2}}' f''';:\n''')  # noqa", 3),
        ("async def f(): return [await CALL.x,\n    2]  # noqa", 2),
    ],
)
def test_the_last_line_of_the_statement_or_header_around_a_call(text: str, line: int) -> None:
    """A comment on it silences the call; on the other lines behind the call it does not."""
    plain = text.replace("  # noqa", "").replace("CALL", CALL).split("\n")
    first = next(number for number, each in enumerate(plain, 1) if CALL in each)
    silent = []
    for number in range(1, len(plain) + 1):
        lines = [*plain]
        lines[number - 1] += "  # noqa"
        marked = LineIndex.of("\n".join(lines))
        start = marked.text.index(CALL)
        found = read_suppressions(marked).silencing("EIN105", start, start + len(CALL))
        silent += [number] if any(True for _ in found) else []
    assert silent == [first, line]


@pytest.mark.parametrize(
    ("comment", "instead"),
    [
        ("# einlint: disable=EIN105", "`# einlint: ignore[EIN105]`"),
        ("#einlint:disable=EIN105,ein2", "`# einlint: ignore[EIN105, EIN2]`"),
        ("# EinLint : disable = einsum-matmul", "`# einlint: ignore[EIN104]`"),
        ("# einlint: ignore EIN105", "`# einlint: ignore[EIN105]`"),
        ("# einlint: ignore(EIN105)", "`# einlint: ignore[EIN105]`"),
        ("# einlint: noqa", "`# einlint: ignore`"),
        ("# einlint: off  # noqa: E501", "`# einlint: ignore`"),
        ("# noqa: E501  # einlint: off", "`# einlint: ignore`"),
        ("# nosec  # einlint: off", "`# einlint: ignore`"),
        ("# type: ignore[x]  # einlint: ignored", "`# einlint: ignore`"),
        ("# einlint: skip-file", "`# einlint: ignore-file` on a line of its own"),
        ("# einlint: ignore-file: EIN105", "`# einlint: ignore-file[EIN105]` on a line of its own"),
    ],
)
def test_a_misspelt_comment_is_told_its_spelling(comment: str, instead: str) -> None:
    (fault,) = [each.fault for each in found(f"x = 1  {comment}\n") if not each.is_noqa]
    assert fault == f"write {instead}"


@pytest.mark.parametrize(
    "comment",
    [
        "# einlint",
        "# einlint:",
        "# einlint finds this",
        "# write `# einlint: disable=EIN105` here?",
        "# x = f(y)  # einlint: disable=EIN105",
        "# einlint: ignore",
        "# einlint: ignore [EIN105] spelt so",
        "# pylint: disable=EIN105",
        "# see https://example.org/#einlint:off",
    ],
)
def test_what_only_mentions_einlint_or_is_right_is_not_misspelt(comment: str) -> None:
    assert [each for each in found(f"x = 1  {comment}\n") if each.fault] == []


@pytest.mark.parametrize(
    ("before", "idle", "after"),
    [
        ("x  # noqa: EIN105\n", {"EIN105"}, "x\n"),
        ("x \t # noqa: EIN105  \r\ny", {"EIN105"}, "x\r\ny"),
        ("x  # noqa: E501, EIN105\n", {"EIN105"}, "x  # noqa: E501\n"),
        ("x  # noqa: EIN105,E501\n", {"EIN105"}, "x  # noqa: E501\n"),
        ("x  # noqa: A1 EIN105  EIN104,B2 c\n", {"EIN105", "EIN104"}, "x  # noqa: A1,B2 c\n"),
        ("x  # noqa: EIN105 because\n", {"EIN105"}, "x  # because\n"),
        ("x  # noqa: EIN105, because\n", {"EIN105"}, "x  # , because\n"),
        ("x  # noqa: EIN105  # fmt: off\n", {"EIN105"}, "x  # fmt: off\n"),
        ("x  # fmt: off  # noqa: EIN105\n", {"EIN105"}, "x  # fmt: off\n"),
        ("x  # einlint: ignore[EIN105] why not\n", {"EIN105"}, "x\n"),
        ("x  # einlint: ignore[EIN105] see #12  # noqa\n", {"EIN105"}, "x  # noqa\n"),
        ("x  # einlint: ignore[EIN105]# noqa\n", {"EIN105"}, "x  # noqa\n"),
        ("x  # einlint: ignore[EIN105, EIN1] y\n", {"EIN105"}, "x  # einlint: ignore[EIN1] y\n"),
        ("x\ny\n\t# einlint: ignore\nz\n", set(), "x\ny\nz\n"),
        ("x\ny\n  # einlint: ignore", set(), "x\ny\n"),
        ("# einlint: ignore-file\nx\n", set(), "\nx\n"),
    ],
)
def test_removing_codes_leaves_what_others_say(before: str, idle: set[str], after: str) -> None:
    lines = LineIndex.of(before)
    each = read_suppressions(lines).found[0]
    codes = [code for code in each.codes if code.text in idle]
    assert spliced(before, [remove_codes(each, codes, lines)]) == after


def test_adding_codes_keeps_the_old_ones_and_their_reason() -> None:
    text = "x  # einlint: ignore[EIN105] why\n"
    (each,) = found(text)
    at = text.index("]")
    named = add_codes(each, ["EIN105", "EIN301"], "other", LineIndex.of(text))
    assert named == [Edit(at, at, ", EIN301")]
    text = "x  # einlint: ignore[EIN105]  # noqa\n"
    inserted = add_codes(found(text)[0], ["EIN301"], "why", LineIndex.of(text))
    at = text.index("]")
    assert inserted == [Edit(at, at, ", EIN301"), Edit(at + 1, at + 1, " why")]


@pytest.mark.parametrize(
    "text",
    [
        "# einlint: ignore-file[EIN105]\nx = torch.einsum('ij,jk->ik', a, b)\n",
        "# einlint: ignore-file[EIN104]\nx = torch.einsum('ij,jk->ik', a, b)\n",
        "x = torch.einsum('ij,jk', a,  # noqa: EIN006\n    b)\n",
    ],
)
def test_comments_and_calls_are_not_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    compared: list[str] = []
    matches = Code.matches

    def counted(self: Code, code: str) -> bool:
        compared.append(code)
        return matches(self, code)

    monkeypatch.setattr(Code, "matches", counted)
    settings = einlint.Settings(select=("ALL",), pedantic=True)
    counts = []
    for number in (20, 80):
        compared.clear()
        einlint.check_source(f"import torch\n{text * number}", settings=settings)
        counts.append(len(compared))
    assert counts[1] < 5 * counts[0], counts
