"""Static evidence of tensor sizes: what a forward pass over a file proves of einsum's operands."""
