"""What is said of a run that found nothing: known before anything that makes reports is loaded."""

from typing import Final

FOR_PEOPLE: Final = ("concise", "full")
"""The formats that say it in words; the others are empty lists, each in its own way."""

ALL_PASSED: Final = "All checks passed!"
