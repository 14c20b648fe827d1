"""Compare and time calls and their replacements; only `running/` imports torch."""
