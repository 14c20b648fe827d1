"""The language server: check, fix and explain for editors."""
