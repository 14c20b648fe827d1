"""Attention written as the one call that computes it: its text, its edits, and their proof."""
