"""Attention written by hand: found in the terms of a function, and what one call may not take."""
