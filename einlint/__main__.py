"""The process of the command line: `einlint`, and `python -m einlint`."""

import gc
import sys

from einlint.cli.at_once import end_if_nothing_is_found


def main() -> None:
    """Run the command line; the entry point of the package.

    The collector of garbage looks neither at what is loaded first, nor, at the end, at what ends
    with the process.
    """
    gc.disable()
    searched = end_if_nothing_is_found(sys.argv[1:])
    from einlint.cli.main import main as run

    gc.freeze()
    gc.enable()
    try:
        run(searched)
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
