"""Output formats and what they share: findings as data and as text, code frames, colours, paths."""
