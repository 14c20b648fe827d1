"""Explanations: no line contradicts another, and the doubts are those of the rules."""

import json

import pytest

from einlint.algebra.contraction import ContractionKind, contraction_of
from einlint.algebra.cost import Flops
from einlint.algebra.equation import ELLIPSIS, parse
from einlint.algebra.nouns import noun
from einlint.linting.engine import check, read
from einlint.linting.findings import Findings
from einlint.rewriting.explained_json import as_data
from einlint.rewriting.explained_text import as_text, explanation, flops_text
from einlint.rewriting.explanation import ITEM_SIZES, explained
from einlint.rewriting.targets.matmul import REWRITE as MATMUL
from einlint.settings import Settings
from tests.equation_table import TABLE

MORE = (
    "...ij,...jk->...ik",
    "...i,i->i",
    "...->...",
    "->",
    "ba",
    "bhqd,bhkd->bhqk",
    "i,i,i->i",
    "ij,jk,kl->il",
    ",".join(100 * ["a"]) + "->a",
)


def contradictions(text: str) -> list[str]:
    """What the lines of an explanation say against each other."""
    lines = text.splitlines()
    named = noun(contraction_of(parse(lines[0].partition(" is ")[0])))
    kind = ContractionKind(lines[0].rpartition("(")[2].rstrip(")"))
    advice = lines[1].partition(":")[0]
    answers = dict(line.strip().split("?", 1) for line in lines if "?  " in line)
    product, is_complex = (
        answers[each].strip() for each in ("a simple product", "a complex contraction")
    )
    has_replacement = any(line.startswith("Replacement") for line in lines)
    is_same = "is the operand itself" in lines[0]
    faults = {
        "kind and complex": (kind is ContractionKind.COMPLEX) != is_complex.startswith("yes"),
        "advice and complex": is_complex.startswith("yes") and advice != "keep einsum",
        "advice and replacement": (advice == "replace einsum") != has_replacement,
        "advice and keep": advice != "keep einsum" and "keep einsum" in text,
        "advice and product": product.startswith("yes") and advice != "replace einsum",
        "kind and product": (kind in MATMUL.kinds) == product.startswith("no"),
        "itself": is_same != (advice == "nothing to replace"),
        "itself and product": is_same and product != "no, it is the operand itself",
        "itself and others": is_same and "Other spellings" in text,
        "noun": not is_same and not lines[0].endswith(f" is {named} ({kind})"),
        "replacement and others": has_replacement and "Other spellings" in text,
    }
    return [name for name, is_wrong in faults.items() if is_wrong]


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
def test_no_line_contradicts_another() -> None:
    rows = TABLE.read_text().splitlines()[1::7]  # neighbours are alike, and all take a minute
    seen: set[str] = set()
    for equation in (*MORE, *(row.split("\t")[0] for row in rows)):
        text = explanation(equation, {}, "float32")
        assert not contradictions(text), f"{contradictions(text)}:\n{text}"
        seen.add(text.splitlines()[1])
    assert len(seen) > 6, seen


def test_that_test_sees_a_contradiction() -> None:
    text = explanation("ij,jk->ik", {}, "float32")
    assert not contradictions(text)
    wrong = text.replace("a complex contraction?    no", "a complex contraction?    yes")
    assert contradictions(wrong) == ["kind and complex", "advice and complex"]
    assert contradictions(text.replace("replace einsum: ", "keep einsum: "))


@pytest.mark.parametrize(
    ("equation", "sizes", "codes"),
    [
        ("bnsk,bnsh->bnsh", {}, ["EIN005"]),
        ("ij,jk", {}, ["EIN006"]),
        ("...i,i->i", {}, ["EIN007"]),
        ("nn,xyzn->xyzn", {}, ["EIN008"]),
        ("iij,jk->k", {}, ["EIN008"]),
        ("nn,xn", {}, ["EIN006", "EIN008"]),
        ("ii->i", {}, []),
        ("ij,jk->ik", {}, []),
        ("ij,kl->il", {"j": 1}, ["EIN005"]),
        ("ij,l->il", {"j": 1}, []),
    ],
)
def test_doubts(equation: str, sizes: dict[str, int], codes: list[str]) -> None:
    found = explained(equation, sizes, "float32")
    assert [each.code for each in found.oversights] == codes
    text = as_text(found)
    assert ("Is this meant?" in text) == bool(codes)


def test_doubts_are_what_the_rules_report() -> None:
    rows = TABLE.read_text().splitlines()[1:]
    rules = ("EIN005", "EIN006", "EIN007")
    for equation in (*MORE, *(row.split("\t")[0] for row in rows[::500])):
        call = f"import torch\ntorch.einsum({equation!r}, *operands)\n"
        settings = Settings(select=rules)
        source = read("a.py", call.encode(), settings)
        assert not isinstance(source, Findings)
        reported = sorted(each.code for each in check(source, settings).diagnostics)
        said = [each.code for each in explained(equation, {}, "float32").oversights]
        assert sorted(code for code in said if code in rules) == reported, equation


def test_the_repeated_index_is_in_one_of_several_operands() -> None:
    for row in TABLE.read_text().splitlines()[1::50]:
        equation = parse(row.split("\t")[0])
        repeats = sum(len(set(term)) < len(term) for term in equation.inputs)
        said = [each.code for each in explained(str(equation), {}, "float32").oversights]
        assert ("EIN008" in said) == (len(equation.inputs) > 1 and repeats > 0)


@pytest.mark.parametrize(
    ("flops", "text"),
    [
        (Flops(), "0, a view"),
        (Flops(product=2_097_152), "2,097,152 in products (torch.bmm)"),
        (Flops(2, 4096, 10_000), "2 in products (torch.bmm), 4,096 to multiply (*), 10,000 to sum"),
    ],
)
def test_flops_are_said_by_part(flops: Flops, text: str) -> None:
    assert flops_text(flops) == text


@pytest.mark.parametrize(
    ("equation", "sizes"),
    [
        ("bhqd,bhkd->bhqk", {"b": 2, "h": 3, "q": 4, "k": 5, "d": 6}),
        ("ki,k,kj,k->ij", {"k": 100, "i": 3, "j": 4}),
        ("BTD,NDH->BTNH", {}),
        ("bnsk,bnsh->bnsh", {"b": 2}),
        ("i->i", {}),
        ("...ij,...jk->...ik", {ELLIPSIS: 7, "i": 2, "j": 3, "k": 4}),
    ],
)
def test_json_has_every_fact_of_the_text(equation: str, sizes: dict[str, int]) -> None:
    found = explained(equation, sizes, "float32")
    data, text = json.loads(json.dumps(as_data(found))), as_text(found)
    contraction = contraction_of(parse(equation))
    assert (data["equation"], data["kind"]) == (equation, contraction.kind)
    assert data["roles"] == contraction.roles.as_text()
    assert data["sizes"] == sizes
    assert f"{data['reason']}\n" in text
    assert text.splitlines()[1].startswith(
        {"replace": "replace", "keep": "keep", "unchanged": "nothing"}[data["advice"]]
    )
    for each in data["checklist"]:
        assert f"  {each['question']:<24}  {each['answer']}\n" in text
    for each in data["doubts"]:
        assert f"  {each['code']}  {each['text']}\n" in text
    for each in data["other_spellings"]:
        assert each["text"] in text
        assert each["condition"] in text
    if data["replacement"]:
        assert data["replacement"]["text"] in text
        assert all(each["text"] in text for each in data["replacement"]["assumptions"])
    if data["missing_sizes"]:
        assert data["flops"] is data["bytes"] is None
        assert all(f"{label}=..." in text for label in data["missing_sizes"])
    else:
        parts = data["flops"]
        assert parts["total"] == parts["product"] + parts["multiply"] + parts["sum"]
        assert f"{parts['product']:,} in products" in text
        assert f"{data['bytes']:,} in float32" in text
    if data["order"] and data["order"]["best"]:
        for each in data["order"]["best"]["steps"]:
            assert f"-> {each['result']}: {each['flops']:,} FLOPs" in text


def test_the_bytes_of_an_element_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    assert {name: getattr(torch, name).itemsize for name in ITEM_SIZES} == dict(ITEM_SIZES)


def test_three_operands_have_an_order_as_soon_as_their_sizes_are_known() -> None:
    equation = "ij,jk,kl->il"
    order = as_data(explained(equation, {}, "float32"))["order"]
    assert (order["left_to_right"], order["best"]) == (None, None)
    known = explained(equation, dict.fromkeys("ijkl", 2), "float32")
    assert as_data(known)["order"]["left_to_right"]["flops"]["total"] > 0
    assert "\nOrder of the operands\n" in as_text(known)
    assert "Order of the operands" not in explanation("ij,jk->ik", {}, "float32")


def test_other_spellings_have_a_heading() -> None:
    text = explanation("btd,ndh->btnh", {}, "float32")
    assert "\nOther spellings, where einsum cannot be used" in text
    assert "Other spellings" not in explanation("ij,jk->ik", {}, "float32")
