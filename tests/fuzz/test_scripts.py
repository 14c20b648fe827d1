"""Scripts: from the grammar, and fixtures, and both damaged."""

from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.oracles import check_script
from tests.fuzz.sources import damaged, scripts

LARGEST = 3000


def small_fixtures() -> list[bytes]:
    found = (each.read_bytes() for each in sorted((ROOT / "fixtures").rglob("*.py")))
    return [data for data in found if len(data) < LARGEST]


def test_scripts_of_the_grammar(fuzzer: Fuzzer) -> None:
    fuzzer.run(0.2, scripts(), check_script)


def test_damaged_scripts(fuzzer: Fuzzer) -> None:
    fuzzer.run(0.15, damaged(scripts() | st.sampled_from(small_fixtures())), check_script)


def test_bytes_around_the_word_einsum(fuzzer: Fuzzer) -> None:
    word = st.sampled_from(
        [b"einsum", b"torch.einsum('i,i->', a, b)", b"# noqa", b"import torch\n"]
    )
    pieces = st.lists(st.binary(max_size=8) | word, max_size=8)
    fuzzer.run(0.05, pieces.map(b"".join), check_script)
