"""What einsum equations mean: pure functions on labels, nothing of Python source or of tensors."""
