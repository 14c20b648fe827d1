"""The kinds of facts that rules judge: one file per kind, with its matcher; discovered."""
