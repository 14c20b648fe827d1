"""The kinds of facts that rules judge: one file a kind, with what finds it; discovered."""
