"""What a contraction can be rewritten to, and under which assumptions."""
