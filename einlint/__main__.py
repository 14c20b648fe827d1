"""`python -m einlint` is the command line."""

from einlint.cli.main import main

if __name__ == "__main__":
    main()
