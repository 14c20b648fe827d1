"""What an einsum call can become: one file for each kind of replacement, found by name."""
