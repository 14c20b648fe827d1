"""Attention written by hand: found in the terms of a function, and written as one call."""
