"""Tables of sources for tests: good rows, and one of each kind that cannot be checked."""

import pyarrow as pa

from tests.cli.run import SOURCE

ATTENTION = """import torch


def attend(q, k, v):
    weights = torch.softmax(q @ k.transpose(-2, -1), dim=-1)
    return weights @ v
"""
BAD = {
    "null": None,
    "encoding": b"caf\xe9 = 1\n",
    "nul": b"x = 1\0\n",
    "too-large": b"#" * 5_000_001,
    "unparsable": b"import torch\ntorch.einsum(\n",
}


def batch(contents: list[bytes | str | None], kind: pa.DataType | None = None) -> pa.RecordBatch:
    """A row for each content; the column `repo` has its number."""
    columns = {
        "path": pa.array([f"m{number}.py" for number in range(len(contents))]),
        "content": pa.array(contents, kind or pa.binary()),
        "repo": pa.array(range(len(contents)), pa.int64()),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def mixed(count: int) -> pa.RecordBatch:
    """Rows of which every tenth has a finding, and one of each bad kind."""
    contents: list[bytes | str | None] = [
        SOURCE.encode() if number % 10 == 0 else b"x = 1\n" for number in range(count)
    ]
    contents[1 : 1 + len(BAD)] = list(BAD.values())
    return batch(contents)
