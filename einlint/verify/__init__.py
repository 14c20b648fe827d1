"""Run a call and its replacement on tensors; the only package that imports torch."""
