"""Run both sides on tensors, compare and time them; the only package that imports torch."""
