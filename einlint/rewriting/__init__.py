"""What a contraction may be rewritten to, and what that rests on."""
