"""What an einsum call may become: one file a replacement, discovered, never listed."""
