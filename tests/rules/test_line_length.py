"""Operands over several lines are joined in the replacement, as far as the longest line allows."""

import pytest

import einlint

LONGEST = 88


@pytest.mark.parametrize("behind", ["", " + z"])
@pytest.mark.parametrize(("beyond", "is_joined"), [(0, True), (1, False)])
def test_operands_are_joined_up_to_the_longest_line(
    behind: str, beyond: int, *, is_joined: bool
) -> None:
    around = f"    return  @ b{behind}"
    name = "x" * (LONGEST + beyond - len(around) - len("(a)"))
    call = f'torch.einsum("ij,jk->ik", {name}(\n        a\n    ), b)'
    source = f"import torch\n\n\ndef f(a, b, z, {name}):\n    return {call}{behind}\n"
    after = einlint.fix_source(source, unsafe=True).text
    assert (f"    return {name}(a) @ b{behind}\n" in after) is is_joined
    assert "einsum" not in after


@pytest.mark.parametrize(("beyond", "is_one_line"), [(0, True), (1, False)])
def test_a_product_is_on_its_own_line_up_to_the_longest(beyond: int, *, is_one_line: bool) -> None:
    name = "x" * (LONGEST + beyond - len("        ") - len(" @ b"))
    call = f'torch.einsum(\n        "ij,jk->ik",\n        {name},\n        b,\n    )'
    source = f"import torch\n\n\ndef f(b, {name}):\n    return {call}\n"
    after = einlint.fix_source(source, unsafe=True).text
    assert (f"    return (\n        {name} @ b\n    )\n" in after) is is_one_line
    assert (f"    return (\n        {name}\n        @ b\n    )\n" in after) is not is_one_line
