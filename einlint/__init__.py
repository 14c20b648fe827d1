"""einlint: says what each einsum call is, and rewrites the simple ones without ever being wrong."""

TYPE_CHECKING = False  # type checkers know the name; `typing` is half of a start
if TYPE_CHECKING:
    from einlint.api import Settings, check_source, explain, fix_source

__version__ = "0.1.0"
__all__ = ["Settings", "__version__", "check_source", "explain", "fix_source"]

if not TYPE_CHECKING:  # else every name would be one of ours to a type checker

    def __getattr__(name: str) -> object:
        """The names of `einlint.api`, imported by the first one who asks."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from einlint import api

        return getattr(api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
