"""Output formats: one file a format, discovered, never listed."""
