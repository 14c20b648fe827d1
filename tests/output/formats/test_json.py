"""One array of findings."""

import json

from tests.output.formats.readers import Place, Reader, place_of_record


def read(text: str) -> list[Place]:
    return [place_of_record(each) for each in json.loads(text)]


READER = Reader(read)
