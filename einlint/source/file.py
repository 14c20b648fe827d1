"""SourceFile: bytes <-> text without losing a byte."""

import codecs
import io
import tokenize
from dataclasses import dataclass, field

from einlint.source.lines import PartsMap


class DecodeError(ValueError):
    """The bytes are not text in the encoding that the file declares."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's text, and the encoding to write it back.

    places: the map to the cells, if the text is joined from the cells of a notebook.
    """

    filename: str
    text: str
    encoding: str = "utf-8"
    bom: bytes = b""
    places: PartsMap | None = field(default=None, compare=False)

    def to_bytes(self, text: str) -> bytes:
        """`text` in the encoding of this file."""
        return self.bom + text.encode(self.encoding)


def keeps_encoding(source: SourceFile) -> bool:
    """Whether Python still decodes the file as we did.

    A removed line can move a comment to the top, where it counts as a coding cookie.
    """
    try:
        return decoded(source.filename, source.to_bytes(source.text)) == source
    except DecodeError:
        return False


def decoded(filename: str, data: bytes) -> SourceFile:
    """Decode a file as Python does: BOM, then coding cookie, then UTF-8; newlines stay as they are.

    Raises:
        DecodeError: unknown encoding, undecodable bytes, or text that would not encode back
            to the same bytes (and so could not be edited without loss).
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise DecodeError(str(error)) from error
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    try:
        source = SourceFile(filename, data[len(bom) :].decode(encoding), encoding, bom)
        same = source.to_bytes(source.text) == data
    except (UnicodeError, LookupError) as error:
        raise DecodeError(str(error)) from error
    if not same:
        raise DecodeError(f"the text does not encode back to the same bytes in {encoding}")
    return source


def in_memory(filename: str, text: str) -> SourceFile:
    """A file for a text that is already decoded.

    Raises:
        DecodeError: the file would not decode to the same text.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode()).readline)
        source = decoded(filename, text.encode(encoding))
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise DecodeError(str(error)) from error
    if source.text != text:
        raise DecodeError(f"a file in {source.encoding} does not hold this text")
    return source
