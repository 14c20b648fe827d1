"""What formats share: their type, findings as data and in words, code frames, colours, paths."""
