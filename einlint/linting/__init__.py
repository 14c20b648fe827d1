"""Check and fix one document; no printing, no files."""
