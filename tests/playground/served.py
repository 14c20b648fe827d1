"""Serve a folder on this machine, as a plain static server does, and note what is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass(frozen=True)
class Served:
    """The address of the folder, and every path that was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, asked: list[str], **named: object) -> None:
        self.asked = asked
        super().__init__(*arguments, **named)  # type: ignore[arg-type]

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        self.asked.append(self.path)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve it until the end of the block."""
    asked: list[str] = []
    handler = partial(_Handler, asked=asked, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}/", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
