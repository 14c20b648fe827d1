"""Record the einsum calls of a program, and read traces; does not import torch."""
