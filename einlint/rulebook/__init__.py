"""What rules share: their type, pages, selection, and the fix of a call."""
