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
