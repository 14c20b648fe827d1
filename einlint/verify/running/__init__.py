"""Run both sides on tensors, compare and time them; the only room that imports torch."""
