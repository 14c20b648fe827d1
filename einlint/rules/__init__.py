"""The rules: one file for each; files are discovered, there is no list."""
