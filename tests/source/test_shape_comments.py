"""Which comments are shapes, which operand they speak of, and in what words that is said."""

import pytest

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import parse
from einlint.notebook.places import CellPlaces
from einlint.source.callsite import CallSite
from einlint.source.file import SourceFile
from einlint.source.finder import parse_file
from einlint.source.lines import LineIndex
from einlint.source.shape_hint import shape_hint
from einlint.source.shape_words import shapes_in


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# (b, n, d)", "(b, n, d)"),
        ("#(batch, heads, queries, dim).", "(batch, heads, queries, dim)"),
        ("# [B, T, C]", "(B, T, C)"),
        ("# [ b,n ]", "(b, n)"),
        ("# (n,)", "(n,)"),
        ("# [batch]", "(batch,)"),
        ("# (b, h*d)", "(b, h*d)"),
        ("# [b, (h w), 2 * (c + 1)]", "(b, (h w), 2 * (c + 1))"),
        ("# [*, N_res, 14]", "(..., N_res, 14)"),
        ("# (..., n, d // 2)", "(..., n, d // 2)"),
        ("# (2, 3)", "(2, 3)"),
        ("# (B, C', H)", "(B, C', H)"),
        ("# (B 1 L)", "(B, 1, L)"),
        ("# B x N x D", "(B, N, D)"),
        ("# [bs x num_patches x d_model]", "(bs, num_patches, d_model)"),
        ("# `batch_shape x n x (q + 1)`", "(batch_shape, n, (q + 1))"),
        ("# b h n d", "(b, h, n, d)"),
        ("# ... n d", "(..., n, d)"),
        ("# B, T, C", "(B, T, C)"),
        ("# shape: (b, n, d)", "(b, n, d)"),
        ("# New shape (b, n)", "(b, n)"),
        ("# Shape n_head x d_head", "(n_head, d_head)"),
        ("# -> (b, n)", "(b, n)"),
        ("# => b n d", "(b, n, d)"),
        ("# (b, n, c) -> (b, c, n)", "(b, c, n)"),
        ("# split into blocks -> (b, num_blocks, d)", "(b, num_blocks, d)"),
        ("# (b, n) - the padded one", "(b, n)"),
        ("# [b, n]; True = masked", "(b, n)"),
        ("# (b, n)  # noqa: E501", "(b, n)"),
        ("# q: (b, n, d)", "(b, n, d)"),
        ("# q is (b, n)", "(b, n)"),
        ("# q.shape = [b, n]", "(b, n)"),
        ("# q (b, n)", "(b, n)"),
        ("# (H N N) (H N)", "(H, N, N) (H, N)"),
        ("# (b, n), (b, m)", "(b, n) (b, m)"),
        ("# first, second", None),
        ("# (first, second)", None),
        ("# (unused)", None),
        ("# (a)", None),
        ("# [1]", None),
        ("# a", None),
        ("# (0, 2, 1)", None),
        ("# [-1, 1]", None),
        ("# [0, 1]", None),
        ("# (m, n]", None),
        ("# (a) (b)", None),
        ("# 1 x m x m", "(1, m, m)"),
        ("# (n - 1,)", "(n - 1,)"),
        ("# 1  H", None),
        ("# [linear, mu-law]", None),
        ("# (2, None)", None),
        ("# (n + 1) x (d + 1)", "((n + 1), (d + 1))"),
        ("# 3 x 3", None),
        ("# * 1000", None),
        ("# R R ... G G ...", None),
        ("# (x, y)", None),
        ("# x y z", None),
        ("# (batch and heads)", None),
        ("# (not, n)", None),
        ("# (b, n) or (b, m)", None),
        ("# (b, n) of the mask", None),
        ("# mask: (b, n)", None),
        ("# mask -> (b, n)", None),
        ("# k is (b, n)", None),
        ("# q(b, n)", None),
        ("# the shape of mask (b, n)", None),
        ("# the heads are split, see (b, n)", None),
        ("# y = x.view(b, n)", None),
        ("# in the shape of x", None),
        ("# TODO: (b, n)", None),
        ("# ij,jk->ik", None),
        ("# zuvij -> zwij", None),
        ("# (b, n, d) (see below", None),
        (f"# ({', '.join('abcd' * 20)})", None),
        (f"# ({'a+' * 50}!", None),
    ],
)
def test_what_is_read_as_a_shape(comment: str, expected: str | None) -> None:
    assert " ".join(each.text for each in shapes_in(comment, "q")) == (expected or "")


@pytest.mark.parametrize(
    ("comment", "equation", "is_shown"),
    [
        ("(b, n, d)", "bnd", True),
        ("(b, n)", "bnd", False),
        ("(b, n, d, 1)", "bnd", False),
        ("b n d", "bnd", True),
        ("b n", "bnd", False),
        ("b n d", "...nd", False),
        ("... n d", "...nd", True),
        ("(b, n, d)", "...nd", True),
        ("(d,)", "...nd", False),
        ("(..., d)", "bnd", True),
        ("(..., b, h, n, d)", "bnd", False),
        ("batch_shape x n x d", "bnd", True),
        ("batch_shape x n x d", "...nd", True),
        ("sample_shape x b x h x n x d", "bnd", False),
    ],
)
def test_the_axes_fit_the_term(comment: str, equation: str, is_shown: bool) -> None:
    (axes,) = shapes_in(f"# {comment}", "q")
    assert axes.fit(parse(f"{equation}->").inputs[0]) == is_shown


def hint(rows: str, call: str = "einsum('bnd,bmd->bnm', q, k)", head: str = "def f():\n") -> str:
    """What is said of the last call; `rows` are put inside of the function."""
    body = "".join(f"    {row}\n" for row in f"{rows}\n{call}".splitlines())
    return said(f"from torch import einsum\n{head}{body}")


def said(text: str, cells: tuple[int, ...] = ()) -> str:
    places = places_of(text, cells) if cells else None
    *_, site = parse_file(SourceFile("f.py", text, places=places)).facts(CallSite)
    found = shape_hint(site, contraction_of(parse(site.arguments.equation or "")))
    return "" if found is None else found.removesuffix(": a comment proves nothing")


def places_of(text: str, rows: tuple[int, ...]) -> CellPlaces:
    """Where things stand in cells that start on these rows."""
    lines = LineIndex.of(text)
    starts = tuple(lines.starts[row - 1] for row in rows)
    ends = (*starts[1:], len(text))
    cells = (LineIndex.of(text[start:end]) for start, end in zip(starts, ends, strict=True))
    return CellPlaces(starts, tuple(cells))


Q, K = "q = g(x)  # (b, n, d)", "k = g(y)  # (b, m, d)"
OF_Q = "`q` is (b, n, d) by the comment at row 3"


def test_of_both_operands_and_what_they_agree_on() -> None:
    both = f"{OF_Q}, `k` is (b, m, d) by that at row 4; both say d for `d`"
    assert hint(f"{Q}\n{K}") == both
    assert hint(f"{Q}\n{K.replace('d)', 'e)')}") == both.replace("m, d", "m, e").partition(";")[0]
    numbers = hint(f"{Q}\n{K}".replace("d)", "64)", 1).replace("d)", "32)"))
    assert numbers.endswith("; for `d` they say 64 and 32")
    assert hint(f"{Q}\nq = h(q)\nk = q\n{Q}").count("is (") == 1


@pytest.mark.parametrize(
    "rows",
    [
        Q,
        "# (b, n, d)\nq = g(x)",
        "q = r = g(x)  # (b, n, d)",
        "q: Tensor = g(x)  # (b, n, d)",
        f"{Q}\nr = q",
        f"if x:\n    q = h(x)\nelse:\n    {Q}\n    einsum('bnd,bmd->bnm', q, k)",
        f"with x:\n    {Q}",
        f"{Q}\nif x:\n    q = h(x)\nelse:\n    einsum('bnd,bmd->bnm', q, k)",
        "q, r = f(x)  # (b, n, d), (b, n)",
        "q, r = map(f, x)  # (b, n, d)",
        "q, r = (f(y) for y in x)  # (b, n, d)",
        "r, q = x.chunk(2, dim=-1)  # -> (b, n, d)",
        "q = g(\n    x,\n)  # (b, n, d)",
    ],
)
def test_by_the_last_statement_that_binds_the_name(rows: str) -> None:
    call = "" if "einsum" in rows else "einsum('bnd,bmd->bnm', q, k)"
    assert hint(rows, call).startswith("`q` is (b, n, d) by the comment at row ")


@pytest.mark.parametrize(
    "rows",
    [
        f"{Q}\nq = g(q)",
        f"{Q}\nq = g(q)  # scaled",
        f"{Q}\nfor q in x:\n    pass",
        f"{Q}\ndel q",
        f"{Q}\nif x:\n    q = g(q)",
        f"if x:\n    {Q}",
        f"{Q}\n(q := g(x))",
        f"{Q}\nwith x as q:\n    pass",
        f"{Q}\nimport q",
        f"def g():\n    {Q}",
        f"def g():\n    nonlocal q\n    q = x\n{Q}",
        f"global q\n{Q}",
        "q = x; r = g(x)  # (b, n, d)",
        "q, r = f(x)  # (b, n, d)",
        "q, *r = f(x)  # (b, n, d), (b, n)",
        "q = g(  # (b, n, d)\n    x)",
        "q = g(\n    x,  # (b, n, d)\n)",
        "q = '# (b, n, d)'",
        "# (b, n, d)\n\nq = g(x)",
        "x = g(x)  # (b, n, d)\nq = g(x)",
        "if x: pass  # (b, n, d)\nq = g(x)",
        "q.y = g(x)  # (b, n, d)",
        "q = g(x)  # (n, d)",
    ],
)
def test_no_other_statement_speaks_of_it(rows: str) -> None:
    assert hint(rows) == ""


@pytest.mark.parametrize(
    "call",
    [
        "q = einsum('bnd,bmd->bnm', q, k)  # (b, n, m)",
        "q, k = einsum('bnd,bmd->bnm', q, k), 0  # (b, n, m), (b, n, m)",
        "q += einsum('bnd,bmd->bnm', q, k)  # (b, n, m)",
        "[einsum('bnd,bmd->bnm', q, k) for y in x]  # (b, n, 1)",
    ],
)
def test_what_the_statement_of_the_call_binds_comes_later(call: str) -> None:
    assert hint(Q, call) == OF_Q


@pytest.mark.parametrize(
    "call",
    [
        "[einsum('bnd,bmd->bnm', q, k) for q in x]",
        "(lambda q: einsum('bnd,bmd->bnm', q, k))",
        "def g():\n    einsum('bnd,bmd->bnm', q, k)",
        "f'{einsum(\"bnd,bmd->bnm\", q, k)}'",
        "einsum('bnd,bmd->bnm', q.t, k)",
        "einsum('bnd,bmd->bnm', *q)",
    ],
)
def test_operands_that_are_no_names_of_the_function(call: str) -> None:
    assert hint(Q, call) == ""


def test_by_the_row_of_a_parameter() -> None:
    head = "def f(\n    q,  # (b, n, d)\n    k: Tensor = None,  # (b, m, d)\n):\n"
    assert hint("", head=head).startswith("`q` is (b, n, d) by the comment at row 3, `k` is (b,")
    assert hint(Q, head=head).startswith("`q` is (b, n, d) by the comment at row 6, `k` is (b,")
    assert hint("q = g(q)", head=head).startswith("`k` is (b, m, d)")
    for other in ("def f(q, k,  # (b, n, d)\n    r):\n", "def f(\n    q, k):  # (b, n, d)\n"):
        assert hint("", head=other) == ""


def test_by_the_row_of_the_argument() -> None:
    call = "einsum('bnd,bmd->bnm',\n       q,  # (b, i, d)\n       k)  # (b, j, d)"
    assert hint(Q, call) == "`q` is (b, i, d) by the comment at row 5"


def test_of_a_module_and_of_the_cells_of_a_notebook() -> None:
    text = f"from torch import einsum\n{Q}\n{K}\neinsum('bnd,bmd->bnm', q, k)\n"
    assert said(text).startswith("`q` is (b, n, d) by the comment at row 2, `k`")
    assert said(text.replace("\n", "\r\n")) == said(text)
    assert said(text, cells=(1, 2)).startswith("`q` is (b, n, d) by the comment at row 1 of cell 2")
    assert said(text, cells=(1, 3)) == "`k` is (b, m, d) by the comment at row 1 of cell 2"
    above = text.replace(Q, "# (b, n, d)\nq = g(x)")
    assert said(above, cells=(1, 2)).startswith("`q` is")
    assert said(above, cells=(1, 3)).startswith("`k` is")


def test_the_row_above_may_end_a_string() -> None:
    assert hint('"""\n# (b, n, d) - of q"""\nq = g(x)') == ""
    assert hint('"""\n# (b, n, d) - of q\n"""\nq = g(x)') == ""
