"""The page of check: whole, by itself, escaped, with everything that the text has."""

import html
import re
from pathlib import Path
from typing import Any

import html5lib
import pytest

from tests.cli.run import SOURCE, called, einlint, write
from tests.output.formats.readers import NOTEBOOK, Place, Reader, shown_as

SVG = "{http://www.w3.org/2000/svg}"
_PLACE = re.compile(r"(.*):(\d+):(\d+)")


def parsed(text: str) -> Any:
    """The tree; an error where the text is not valid HTML."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def said(element: Any) -> str:
    return "".join(element.itertext())


def read(text: str) -> list[Place]:
    found = []
    for each in parsed(text).findall(".//article[@id]"):
        severity, place = (said(span) for span in each.findall("p")[0].findall("span"))
        name, row, column = _PLACE.fullmatch(place).groups()
        found.append(Place(name, severity.split()[1], (int(row), int(column))))
    return found


def plain(text: str) -> str:
    """The texts of the page, code in backticks as messages have it."""
    return html.unescape(re.sub(r"</?code>", "`", text))


READER = Reader(read, plain=plain)

BOTH = """import torch


def f(x: torch.Tensor, w: torch.Tensor):
    y = torch.einsum("ij,jk->ik", x, w)
    z = torch.einsum("ab,bc->ac", x, w)
    return torch.einsum("i,j->ij", x[0], w[0]), torch.einsum("ij,jk->il", x, w)
"""
HOSTILE = "</style><script>alert(1)</script>&\"'.py"
INJECTED = (
    'import torch\nx = torch.einsum("ij,jk->il", a["</pre><img src=//x>"], b)  # \x1b[2J \u202e\n'
)


def page(tmp_path: Path, *options: str) -> Any:
    done = called("--output-format", "html", *options, cwd=tmp_path)
    assert done.stderr == b""
    return parsed(done.stdout.decode("ascii"))


def diff(article: Any) -> list[str]:
    return said(article.find("pre[@class='diff']")).splitlines()


def test_by_equation_with_its_picture_and_links_to_its_findings(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BOTH})
    cards = page(tmp_path).findall(".//div[@class='cards']/div")
    assert [said(each.find("h3")) for each in cards] == ["ij,jk->ik", "ij,jk->il"]
    same, wrong = cards
    assert said(same.find("p")).startswith("2 findings: a.py:5:9 EIN104 a.py:6:9 EIN104")
    assert [each.get("href") for each in same.findall("p/a")] == ["#finding1", "#finding2"]
    (picture,) = same.findall(f"figure/{SVG}svg")
    assert picture.get("aria-label").startswith("ij,jk->ik is a matrix product.")
    assert not wrong.findall("figure")
    assert "torch rejects this equation: output index l does not occur" in said(wrong)


def test_by_file_with_code_and_the_lines_that_the_fix_changes(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BOTH})
    article = page(tmp_path).find(".//article[@id='finding1']")
    assert '5 |     y = torch.einsum("ij,jk->ik", x, w)\n  |         ^^^' in said(
        article.find("pre")
    )
    assert diff(article) == ['5 -     y = torch.einsum("ij,jk->ik", x, w)', "5 +     y = x @ w"]


def test_the_diff_of_a_fix_with_several_edits(tmp_path: Path) -> None:
    code = (
        "import torch\ndef f(q: torch.Tensor, k, v):\n"
        "    s = torch.einsum('bhqd,bhkd->bhqk', q, k)\n"
        "    p = s.softmax(-1)\n    return torch.einsum('bhqk,bhkd->bhqd', p, v)\n"
    )
    write(tmp_path, {"a.py": code})
    chosen = ("--select", "EIN202")
    (article,) = page(tmp_path, *chosen).findall(".//article[@id]")
    after = called("--diff", "--unsafe-fixes", *chosen, cwd=tmp_path).stdout.decode()
    changed = [line for line in after.splitlines()[3:] if line[0] in "+-"]
    assert [re.sub(r"^ *\d+ ([-+]) ", r"\1", line) for line in diff(article)] == changed
    assert f"3 - {code.splitlines()[2]}" in diff(article)
    assert "safe if nobody depends on the last digits" in said(article)


def test_what_pedantic_would_add(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BOTH})
    tree = page(tmp_path)
    (hidden,) = tree.findall(".//article[@class='hidden']")
    assert said(hidden).startswith("warning EIN102 a.py:7:12")
    assert "Replace with torch.outer(x[0], w[0]) (unsafe: --unsafe-fixes)" in said(hidden)
    rows = [[said(cell) for cell in row] for row in tree.findall(".//tbody/tr")]
    assert rows == [
        ["EIN003", "invalid-output", "1", "0", "0"],
        ["EIN102", "einsum-outer", "0", "0", "1"],
        ["EIN104", "einsum-matmul", "2", "2", "0"],
    ]
    assert "4 einsum calls: 1 wrong, 2 simpler, 1 more with --pedantic" in said(tree)
    assert not page(tmp_path, "--pedantic").findall(".//article[@class='hidden']")


def test_nothing_is_loaded_and_everything_is_escaped(tmp_path: Path) -> None:
    # A slash ends the name of a file.
    name = HOSTILE.replace("/", "\N{FRACTION SLASH}")
    write(tmp_path, {name: INJECTED, f"{name}.ipynb": NOTEBOOK.replace("i,i->", "<i>&#60;->")})
    text = shown_as("html", cwd=tmp_path)
    tree = parsed(text)
    assert "://" not in text
    tags = [each.tag.removeprefix(SVG) for each in tree.iter() if isinstance(each.tag, str)]
    assert not {*tags} & {"script", "img", "image", "link", "iframe", "object", "i"}
    assert tags.count("style") == 1
    loaded = [each.get(key) for each in tree.iter() for key in ("src", "href") if each.get(key)]
    assert all(each.startswith("#") for each in loaded)
    assert {each.filename for each in read(text)} == {
        name,
        f"{name}.ipynb:cell 2",
        f"{name}.ipynb:cell 3",
    }
    assert r"\x1b[2J \u202e" in said(tree)
    assert "<i>&#60;->" in said(tree)
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_link_has_a_target_and_no_id_is_there_twice(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BOTH, "b.py": SOURCE, "c.py": SOURCE})
    tree = page(tmp_path)
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert {each.get("href")[1:] for each in tree.findall(".//a")} <= {*ids}
    assert all(each.get("aria-label") for each in tree.iter() if each.get("role") == "img")


def test_a_clean_run_and_one_that_has_fixed_all(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\n", "b.py": SOURCE})
    tree = page(tmp_path, "--fix")
    assert "Fixed 1 finding, 0 left." in said(tree)
    assert "fixed b.py:5:12 EIN105 bhqd,bhkd->bhqk -> q @ k.transpose(-2, -1)" in said(tree)
    assert "All checks passed!" in said(page(tmp_path))


def test_what_was_not_checked_or_judged_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\nx = torch.einsum(f(), a)\n"})
    (tmp_path / "b.py").symlink_to("gone.py")
    done = called("--output-format", "html", "a.py", "b.py", cwd=tmp_path)
    assert "Some files could not be checked" in said(parsed(done.stdout.decode()))
    assert "1 call was not judged" in said(parsed(done.stdout.decode()))


def test_it_is_written_to_a_file_by_a_process(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = einlint("check", "--output-format", "html", "-o", "report.html", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    assert len(read((tmp_path / "report.html").read_text())) == 1


@pytest.mark.parametrize("comment", ["# noqa: EIN105\n", "x = 1  # noqa: EIN105\n"])
def test_a_comment_that_a_fix_removes_is_all_that_its_diff_has(
    tmp_path: Path, comment: str
) -> None:
    write(tmp_path, {"a.py": f"import torch\na = 0\n{comment}b = 0\n"})
    (article,) = page(tmp_path, "--select", "EIN901").findall(".//article[@id]")
    kept = [f"3 + {comment.split('  #')[0]}"] if comment[0] == "x" else []
    assert diff(article) == [f"3 - {comment.rstrip()}", *kept]
