"""What a character that is no index was meant to be: a letter that looks like it, or the arrow."""

import re
import unicodedata
from typing import Final

# Letters that most fonts draw like these: Cyrillic, Greek, and Latin ones that English lacks. Of
# full-width, mathematical and raised letters Unicode says itself what they stand for.
_DRAWN_ALIKE: Final = {
    **str.maketrans(
        "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u043a\u04cf\u043e\u0440\u051b\u0455\u051d\u0445",
        "acdehijklopqswx",
    ),
    **str.maketrans(
        "\u0443\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425",
        "yABCEHIJKMOPSTX",
    ),
    **str.maketrans("\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7", "aikvopux"),
    **str.maketrans(
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "ABEZHIKMNOPTYX",
    ),
    **str.maketrans("\u0251\u0261\u0131", "agi"),
}

# Equals, greater than, hyphens, dashes, minus, and arrows to the right, with spaces between them.
_ARROW_SIGN: Final = (
    r"[-=>~\u2010-\u2015\u2192\u21d2\u21a6\u2212\u27f6\u27f9\u2794\u279c\uff0d\uff1e]"
)
_LIKE_AN_ARROW: Final = re.compile(rf"{_ARROW_SIGN}(?: *{_ARROW_SIGN})*")


def arrow_like(text: str, column: int) -> str | None:
    """The characters at a 0-based column that seem to be meant as an arrow; None for others."""
    match = _LIKE_AN_ARROW.match(text, column)
    return match[0] if match else None


def identity(character: str) -> str:
    """The code point and the name: `U+043A CYRILLIC SMALL LETTER KA`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".strip()


def alike(character: str) -> str | None:
    """What a character that is not ASCII looks like in an equation; None if like nothing in it."""
    match unicodedata.category(character):
        case "Zs":
            return "only looks like a space"
        case "Cf":
            return "is invisible"
    plain = unicodedata.normalize("NFKC", character).translate(_DRAWN_ALIKE)
    is_meant = plain in {",", ".", "..."} or (plain.isascii() and plain.isalpha())
    return f"only looks like `{plain}`" if is_meant else None
