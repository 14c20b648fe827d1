"""Which statements a fix of attention removes, and which it keeps."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

START = f"{HEAD}def f(q, k, v, m=None, flag=False, b=None):\n"


def fixed(*lines: str) -> str:
    """The function behind the fix, without its head; why there is none."""
    text = START + "".join(f"    {each}\n" for each in lines)
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    if not replacement.edits:
        return replacement.obstacle
    for edit in reversed(replacement.edits):
        text = text[: edit.start] + edit.content + text[edit.end :]
    return text.removeprefix(START)


CALL = "    return F.scaled_dot_product_attention(q, k, v, scale=1.0)\n"
LONG = (
    "    return F.scaled_dot_product_attention(\n        q, k, v,\n"
    "        attn_mask=b if m is None else m,\n        scale=1.0,\n    )\n"
)


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (["s = q @ k.mT", "w = s.softmax(-1)", "return w @ v"], CALL),
        # what somebody else needs stays
        (["n = q.shape[0]", "s = q @ k.mT", "print(n)", "return s.softmax(-1) @ v"],
         f"    n = q.shape[0]\n    print(n)\n{CALL}"),
        # comments stay
        (["# scores", "s = q @ k.mT  # b i j", "return s.softmax(-1) @ v"],
         f"    # scores\n    # b i j\n{CALL}"),
        (["s = (q @  # scores", "    k.mT)  # b i j", "return s.softmax(-1) @ v"],
         f"    # scores\n    # b i j\n{CALL}"),
        (["s = q @ k.mT", "if m is not None:  # padding", "    # of keys", "    s = s + m",
          "return s.softmax(-1) @ v"],
         "    # padding\n    # of keys\n" + CALL.replace(", scale", ", attn_mask=m, scale")),
        # those in front of an `else:` too
        (["s = q @ k.mT", "if m is None:", "    # short", "    s = s + b", "else:",
          "    # long", "    s = s + m", "w = s.softmax(-1)", "return w @ v"],
         "    # short\n    # long\n" + LONG),
        # what was not needed before is none of its business
        (["x = 1", "s = q @ k.mT", "return s.softmax(-1) @ v"], f"    x = 1\n{CALL}"),
        # nor is there anything to delete any longer
        (["s = q @ k.mT", "w = s.softmax(-1)", "del s", "out = w @ v", "del w", "return out"],
         CALL.replace("return", "out =") + "    return out\n"),
        # what the call reads is deleted where the function ends
        (["s = q @ k.mT", "del q, k", "if m is not None:", "    s = s + m", "s = s.softmax(-1)",
          "return s @ v"], CALL.replace(", scale", ", attn_mask=m, scale")),
        (["with torch.no_grad():", "    s = q @ k.mT", "    del q", "    w = s.softmax(-1)",
          "    del s, k", "    o = w @ v", "return o"],
         "    with torch.no_grad():\n    " + CALL.replace("return", "o =") + "    return o\n"),
        (["s = q @ k.mT", "if m is not None:", "    m = F.pad(m, (1, 0), value=True)",
          "    m = m[:, None]", "    s.masked_fill_(~m, -1e9)", "    del m",
          "return s.softmax(-1) @ v"],
         "    if m is not None:\n        m = F.pad(m, (1, 0), value=True)\n        m = m[:, None]\n"
         + CALL.replace(", scale", ", attn_mask=m, scale")),
        (["s = q @ k.mT", "if m is not None:", "    s = s + m", "    del m",
          "return s.softmax(-1) @ v"],
         CALL.replace(", scale", ", attn_mask=m, scale")),
        # of which others may be left
        (["s = q @ k.mT", "w = s.softmax(-1)", "del k, m", "o = w @ v", "del s, b, w", "return o"],
         "    del m\n" + CALL.replace("return", "o =") + "    del b\n    return o\n"),
        # lengths that nobody needs
        (["s = q @ k.mT", "b, h, n, j = s.shape", "return s.softmax(-1) @ v"], CALL),
        # checks of the sizes of scores and weights go with them
        (["n = k.size(-2)", "s = q @ k.mT", "assert list(s.size()) == [2, 3, n, n], 'odd'",
          "w = s.softmax(-1)", "assert w.shape == s.shape", "o = w @ v",
          "assert o.shape == q.shape", "return o"],
         CALL.replace("return", "o =") + "    assert o.shape == q.shape\n    return o\n"),
        (["s = q @ k.mT", "if s.size() != (2, 3, 5, 5):  # why", "    raise ValueError(",
          "        f'not {s.size()}'", "    )", "if m is not None:",
          "    assert m.shape[-1] == s.shape[-1]", "    s = s + m", "return s.softmax(-1) @ v"],
         "    # why\n" + CALL.replace(", scale", ", attn_mask=m, scale")),
        # blank lines do not stand double
        (["n = q.shape[0]", "", "s = q @ k.mT", "", "w = s.softmax(-1)", "", "", "out = w @ v", "",
          "return out * n"],
         "    n = q.shape[0]\n    \n" + CALL.replace("return", "out =")
         + "    \n    return out * n\n"),
        (["s = q @ k.mT", "", "return s.softmax(-1) @ v"], CALL),
        (["if flag:", "    s = q @ k.mT", "", "    return s.softmax(-1) @ v", "return m"],
         f"    if flag:\n    {CALL}    return m\n"),
        (["# scores:", "s = q @ k.mT", "", "n = 1", "return s.softmax(-1) @ v * n"],
         "    # scores:\n    \n    n = 1\n" + CALL.replace("1.0)", "1.0) * n")),
        # an annotation is no reason to stay
        (["s: torch.Tensor = q @ k.mT", "w: torch.Tensor = s.softmax(-1)", "return w @ v"], CALL),
        # an optional step goes as a whole, what else stands in its branch stays
        (["s = q @ k.mT", "if m is not None:", "    s = s + m", "return s.softmax(-1) @ v"],
         CALL.replace(", scale", ", attn_mask=m, scale")),
        (["s = q @ k.mT", "if m is not None:", "    m = m.t()", "    s += m",
          "return s.softmax(-1) @ v"],
         "    if m is not None:\n        m = m.t()\n"
         + CALL.replace(", scale", ", attn_mask=m, scale")),
    ],
)  # fmt: skip
def test_removed(lines: list[str], result: str) -> None:
    assert fixed(*lines) == result


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["s = q @ k.mT; x = 1", "return s.softmax(-1) @ v"], "shares its line"),
        (
            [
                "s = q @ k.mT",
                "if print(m):",
                "    s = s * 2",
                "return s.softmax(-1) @ v",
            ],
            "a block would be left empty",
        ),
    ],
)
def test_kept(lines: list[str], reason: str) -> None:
    assert reason in fixed(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["out = w @ v", "for _ in range(m):", "    w = w * 2", "return out"],
        ["out = w @ v", "while m > 0:", "    m -= w.mean()", "    w = None", "return out"],
        ["out = w @ v", "try:", "    w = b(w)", "except ValueError:", "    pass", "return out, w"],
        ["global LAST", "LAST = w", "return w @ v"],
        ["unused = b(w)", "return w @ v"],
        ["out = w @ v", "x = yield w", "yield out"],
        ["out = w @ v", "match m:", "    case w.flag:", "        out = m", "return out"],
        ["self.total += w.sum()", "return w @ v"],
    ],
)
def test_what_is_read_in_a_way_that_terms_do_not_follow_is_kept(lines: list[str]) -> None:
    assert not made_of_weights(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["out = (w := (q @ k.mT).softmax(-1)) @ v", "return out, w"],
        ["out = (s := q @ k.mT).softmax(-1) @ v", "return out, s"],
        ["w, n = (q @ k.mT).softmax(-1), m + 1", "return w @ v, n"],
        ["w, n = (q @ k.mT).softmax(-1), m(3)", "return w @ v"],
    ],
)
def test_what_is_bound_beside_a_step_is_kept(lines: list[str]) -> None:
    assert fixed(*lines).startswith(("`", "a statement that stays"))


@pytest.mark.parametrize(
    "check",
    [
        "assert w.sum() > 0",
        "assert seen(w.shape)",
        "assert w is not None",
        "assert (n := w.shape[0]) > 0",
        "assert torch.equal(w, m) and w.shape[0]",
        "if w.shape[0] > 5: return v",
        "print(w.shape)",
    ],
)
def test_a_check_of_more_than_sizes_stands_in_the_way(check: str) -> None:
    assert not made_of_weights([check, "return w @ v"])


def made_of_weights(lines: list[str]) -> str:
    """What a fix makes of statements behind `w = softmax(...)`; empty if there is none."""
    text = f"{START}    w = (q @ k.mT).softmax(-1)\n" + "".join(f"    {each}\n" for each in lines)
    (found,) = attentions(text)
    replacement = None if found.obstacles else found.replacement()
    return replacement.text if replacement is not None and replacement.edits else ""


def test_a_call_that_is_written_alike_in_the_other_branch_stays_what_it_is() -> None:
    text = f"""{HEAD}
class Attention(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.drop = nn.Dropout(p)
    def forward(self, q, k, v, m):
        if m is None:
            w = self.drop((q @ k.mT).softmax(-1))
            o = w @ v
        else:
            w = self.drop((q @ k.mT).softmax(-1))
            o = w @ m
        return o
"""
    one, other = attentions(text)
    for each in (one, other):
        replacement = each.replacement()
        assert replacement is not None
        assert replacement.edits


def test_lines_of_a_call_are_indented_as_the_file_is() -> None:
    name = "a_name_that_is_so_long_that_the_call_does_not_fit_on_a_line_of_most_formatters"
    body = f"s = q @ k.mT + {name}\n\t\treturn s.softmax(-1) @ v\n"
    text = f"{HEAD}class A:\n\tdef f(self, q, k, v, {name}):\n\t\t{body}"
    (found,) = attentions(text)
    replacement = found.replacement()
    assert replacement is not None
    _, call = replacement.edits
    assert call.content.split("\n")[1:] == [
        "\t\t\tq, k, v,",
        f"\t\t\tattn_mask={name},",
        "\t\t\tscale=1.0,",
        "\t\t)",
    ]


BRANCH = ["if flag:", "    s = q @ k.mT", "    s = s.softmax(-1)", "    s = (s @ v).flatten(1)"]


def test_a_branch_may_bind_again_what_another_branch_reads() -> None:
    text = fixed(*BRANCH, "if flag:", "    b = b + s", "return b")
    call = CALL.strip().replace("return", "s =")
    assert text == (
        f"    if flag:\n        {call}.flatten(1)\n    if flag:\n        b = b + s\n    return b\n"
    )


@pytest.mark.parametrize(
    "lines",
    [
        # the branch may be left before it binds the name again
        ["for m in b:", *(f"    {each}" for each in BRANCH[:3]), "        if m:",
         "            break", "        s = (s @ v).flatten(1)", "return s"],
        # an error may be caught before
        ["try:", *(f"    {each}" for each in BRANCH), "except ValueError:", "    pass", "return s"],
        # it is bound again in one case alone
        [*BRANCH[:3], "    o = s @ v", "    if m:", "        s = o", "if flag:", "    b = b + s",
         "return b, o"],
        # another name is bound
        [*BRANCH[:3], "    o = s @ v", "if flag:", "    b = o + s", "return b"],
    ],
)  # fmt: skip
def test_what_may_be_read_before_it_is_bound_again_is_kept(lines: list[str]) -> None:
    assert "scaled_dot" not in _fixed_or_not(lines)


def _fixed_or_not(lines: list[str]) -> str:
    text = START + "".join(f"    {each}\n" for each in lines)
    (found,) = attentions(text)
    return "" if found.obstacles else fixed(*lines)


@pytest.mark.parametrize(
    ("test", "head"),
    [
        ("if (m is not None):", "    if m is None:\n        n = k.shape[-2]\n"),
        ("if b is not None:", "    if b is None:\n        n"),
        ("if not flag:  # short", "    if not flag:  # short\n        pass\n    else:\n        n"),
        ("if not flag:", "    if flag:\n        n"),
        ("if not m == 1:", "    if not (not m == 1):\n        n"),
        ("if q.size(0) > 1:", "    if not (q.size(0) > 1):\n        n"),
        ("if flag: s = s * 1; s = s * 2", "a statement that nobody needs any longer shares"),
        ("if flag: s = s + m", "    if flag: pass\n    else:\n        n"),
        (
            "if flag:\n        # why",
            "    if flag:\n        # why\n        pass\n    else:\n        n",
        ),
    ],
)
def test_an_if_of_which_only_the_else_stays(test: str, head: str) -> None:
    body = [] if " = s" in test else ["    s = s + m"]
    lines = ["s = q @ k.mT", test, *body, "else:", "    n = s.shape[-1]", "    s = s + b[:n]"]
    assert fixed(*lines, "return s.softmax(-1) @ v").startswith(head)


def test_a_comment_within_a_statement_that_becomes_pass() -> None:
    body = ["if flag:", "    s = s.add(  # why", "        m)", "else:", "    n = s.shape[-1]"]
    text = fixed("s = q @ k.mT", *body, "s = s + b[:n]", "return s.softmax(-1) @ v")
    assert text.startswith("    if flag:\n        # why\n        pass\n    else:\n        n")
    body[:3] = ["if flag: s = s.add(  # why", "        m)"]
    text = fixed("s = q @ k.mT", *body, "s = s + b[:n]", "return s.softmax(-1) @ v")
    assert text == "a comment stands in a statement that shares its line"


@pytest.mark.parametrize(
    "block",
    [
        ["match flag:", "    case 1:", "        del s", "    case _:", "        pass"],
        ["try:", "    n = len(v)", "except ValueError:", "    del s"],
    ],
)
def test_a_del_in_a_case_or_a_handler(block: list[str]) -> None:
    rest = ["out = w @ v", "return out"]
    text = fixed("s = q @ k.mT", "w = s.softmax(-1)", *block, *rest)
    assert text == "a block would be left empty"
    place = block.index(next(each for each in block if "del s" in each))
    block = [*block[: place + 1], block[place].replace("del s", "n = 3"), *block[place + 1 :]]
    text = fixed("s = q @ k.mT", "w = s.softmax(-1)", *block, *rest)
    assert "del s" not in text
    assert "n = 3" in text
