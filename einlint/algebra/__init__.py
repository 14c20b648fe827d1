"""What einsum equations mean: pure functions on labels; no Python source, no tensors."""
