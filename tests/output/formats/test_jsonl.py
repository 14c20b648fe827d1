"""One object a line, one line a finding."""

import json

from tests.output.formats.readers import Place, Reader, place_of_record


def read(text: str) -> list[Place]:
    return [place_of_record(json.loads(line)) for line in text.splitlines()]


READER = Reader(read)
