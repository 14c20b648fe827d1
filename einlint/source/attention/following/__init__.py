"""Attention that no table of steps reads, found by following scores and weights through anything."""
