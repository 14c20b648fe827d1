"""The small operands are of every kind that is easily forgotten."""

import pytest
import torch

from einlint.algebra.equation import parse
from einlint.verify.running.probe import find_right_reading
from einlint.verify.running.probes import Probe, probe_sizes, probes
from einlint.verify.running.tensors import expanded, strided, whole_numbers
from tests.verify.jobs import rewrite


def all_probes(text: str) -> list[Probe]:
    equation = parse(text)
    return list(probes(equation, probe_sizes(equation)))


def shapes(probe: Probe) -> list[tuple[int, ...]]:
    return [tuple(each.shape) for each in probe.operands]


def test_every_dtype() -> None:
    dtypes = {probe.dtype for probe in all_probes("ij,jk->ik")}
    assert {torch.bfloat16, torch.float16, torch.int32, torch.bool, torch.complex128} <= dtypes


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("`j` has size 0", [(2, 3, 0), (2, 0, 5)]),
        ("`b` and `k` have size 1", [(1, 3, 4), (1, 4, 1)]),
        ("`b` and `i` and `j` and `k` have size 1", [(1, 1, 1), (1, 1, 1)]),
        ("all sizes are equal", [(3, 3, 3), (3, 3, 3)]),
        ("operand `b` broadcasts along `b`", [(2, 3, 4), (1, 4, 5)]),
        ("the operands broadcast along `b` and `j`", [(1, 3, 3), (3, 1, 5)]),
    ],
)
def test_sizes(where: str, expected: list[tuple[int, ...]]) -> None:
    sizes = {"b": 2, "i": 3, "j": 4, "k": 5}
    found = [each for each in probes(parse("bij,bjk->bik"), sizes) if each.where.endswith(where)]
    assert [shapes(each) for each in found] == [expected]
    assert found[0].may_raise == ("broadcast" in where)


def test_an_ellipsis_of_every_rank() -> None:
    ranks = {probe.operands[0].dim() for probe in all_probes("...ij,...jk->...ik")}
    assert ranks == {2, 3, 4}


def test_an_ellipsis_that_one_operand_has_less_of() -> None:
    (fewer,) = (p for p in all_probes("...i,...->...i") if "`a` broadcasts along `...`" in p.where)
    assert [each.dim() for each in fewer.operands] == [2, 2]


def test_layouts_keep_or_repeat_values() -> None:
    tensor = whole_numbers((3, 4), torch.float32, 1)
    assert torch.equal(strided(tensor), tensor)
    assert strided(tensor).storage_offset() > 0
    assert not strided(tensor).is_contiguous()
    assert torch.equal(expanded(tensor, 0), tensor[:1].repeat(3, 1))
    assert expanded(tensor, 0).stride(0) == 0
    assert expanded(tensor, -1).stride(1) == 0
    assert expanded(tensor[:0], 0).shape == (0, 4)
    assert expanded(tensor.sum(), 0).dim() == 0


@pytest.mark.parametrize("name", ["nan", "inf", "-inf"])
def test_special_values_are_in_every_operand(name: str) -> None:
    found = [each for each in all_probes("i,i->") if each.where.endswith(f"holds {name}")]
    assert {each.where.split()[2] for each in found} == {"`a`", "`b`"}
    for probe in found:
        held = [float(each) for operand in probe.operands for each in operand if not 1 <= each <= 2]
        assert [str(each) for each in held] == [name]


def test_an_operand_may_have_no_axis_or_one_element() -> None:
    assert all(probe.operands[1].dim() == 0 for probe in all_probes("i,->i"))


def test_many_indices_make_neither_many_nor_large_probes() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = all_probes(f"{letters},{letters[::-1]}->")
    assert len(found) < 300
    assert max(each.numel() for probe in found for each in probe.operands) <= 3 * 2**18
    one = rewrite(f"{letters}->{letters[::-1]}", f"a.permute({[*range(26)][::-1]})")
    assert find_right_reading(one)[1] is None
    one = rewrite(f"{letters}->", "a.sum()")
    assert find_right_reading(one)[1] is None
