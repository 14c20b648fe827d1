"""Record the einsum calls that a program makes, and read what was recorded; imports no torch."""
