"""Attention that no table of steps reads: scores and weights are followed through anything."""
