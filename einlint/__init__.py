"""einlint: says what each einsum call is, and rewrites the simple ones without ever being wrong."""

__version__ = "0.1.0"
