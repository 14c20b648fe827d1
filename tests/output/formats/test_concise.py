"""One line a finding."""

import re

from tests.output.formats.readers import Place, Reader


def read(text: str) -> list[Place]:
    *lines, _ = text.splitlines()
    rows = [re.fullmatch(r"(.*?):(\d+):(\d+): (EIN\d+) .*", line) for line in lines if line]
    found = [row.groups() for row in rows if row]
    return [Place(name, code, (int(row), int(column))) for name, row, column, code in found]


READER = Reader(read, has_notes=False)
