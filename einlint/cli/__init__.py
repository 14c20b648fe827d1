"""The command line: options, the files they select, and what is printed."""
