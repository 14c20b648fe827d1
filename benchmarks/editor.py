"""Measure how long an editor waits for the language server.

    PYTHONPATH=. python benchmarks/editor.py [--calls 50] [--open 500]

The file has 2,000 lines and so many calls. Printed are the milliseconds of wall time from a message
to its answer: the median and the longest of 20, of which the first ones also import what they need.
The last rows are about a change of the settings while so many files are open.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.lsp.client import Client

LINES: Final = 2000
RUNS: Final = 20
CAPABILITIES: Final = {
    "textDocument": {"codeAction": {"resolveSupport": {"properties": ["edit"]}}},
}
SMALL: Final = 'import torch\n\n\ndef f(q, k):\n    return torch.einsum("bij,bjk->bik", q, k)\n'


def main() -> None:
    """Print a row for each message."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--open", type=int, default=500)
    options = parser.parse_args()
    print("| message | median | longest |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        with Client(Path(folder), CAPABILITIES) as client:
            one_file(client, options.calls)
        with Client(Path(folder), CAPABILITIES) as client:
            many_files(client, options.open)


def one_file(client: Client, calls: int) -> None:
    """Hover, code actions and findings of the large file."""
    text, uri = source(calls), client.uri("a.py")
    rows = [row for row, line in enumerate(text.splitlines()) if "einsum" in line]
    everywhere = between(0, LINES + calls)
    started = time.perf_counter()
    client.open(uri, text)
    print_row("first findings of a file", [time.perf_counter() - started])
    print_row("code actions at a call", timed(lambda run: client.actions(uri, at(rows[run]))))
    print_row("code actions of the whole file", timed(lambda run: client.actions(uri, everywhere)))
    print_row("hover", timed(lambda run: client.hover(uri, rows[run], 24)))
    (every,) = client.actions(uri, at(0), "source.fixAll")
    print_row("edits of fix-all", timed(lambda run: client.request("codeAction/resolve", every), 2))

    def changed(run: int) -> None:
        client.change(uri, f"{text}# {run}\n", run + 2)
        client.diagnostics(uri, run + 2)

    print_row("findings after a change", timed(changed))


def many_files(client: Client, count: int) -> None:
    """Hover while all open files are checked again."""
    uris = [client.uri(f"{number}.py") for number in range(count)]
    for uri in uris:
        client.open(uri, SMALL)
    print_row(f"hover, {count} files open", timed(lambda run: client.hover(uris[run], 4, 24)))
    started = time.perf_counter()
    client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    taken: list[float] = []
    while len([each for each in client.unread() if "params" in each]) < count:
        asked = time.perf_counter()
        client.hover(uris[len(taken) % count], 4, 24)
        taken.append(time.perf_counter() - asked)
    print_row(f"hover while {count} files are checked again", taken)
    print_row("all of them checked again, between hovers", [time.perf_counter() - started])


def source(calls: int) -> str:
    """A file as people write it, with calls spread over it."""
    rows = ["import torch", "", ""]
    for number in range(calls):
        rows += [f"def f{number}(x, w, b, *, scale=1.0):", '    """What it does."""']
        rows.append(f'    y{number} = torch.einsum("bij,bjk->bik", x, w.to(x.device)[{number}])')
        filler = (LINES - 3) // calls - 5
        rows += [
            f"    y{number} = g(y{number} + b * {each}, k=x.shape[0])" for each in range(filler)
        ]
        rows += [f"    return y{number}", ""]
    return "\n".join(rows) + "\n"


def timed(ask: Callable[[int], Any], runs: int = RUNS) -> list[float]:
    """The seconds of each run."""
    taken = []
    for run in range(runs):
        started = time.perf_counter()
        ask(run)
        taken.append(time.perf_counter() - started)
    return taken


def at(row: int) -> dict[str, Any]:
    """A cursor in the call of a row."""
    return between(row, row, 24)


def between(first: int, last: int, column: int = 0) -> dict[str, Any]:
    """A range of whole rows, or a cursor."""
    places = [{"line": row, "character": column} for row in (first, last)]
    return dict(zip(("start", "end"), places, strict=True))


def print_row(what: str, seconds: list[float]) -> None:
    """Print milliseconds."""
    print(f"| {what} | {median(seconds) * 1000:.1f} | {max(seconds) * 1000:.1f} |", flush=True)


if __name__ == "__main__":
    main()
