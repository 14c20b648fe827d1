"""Recipes: other engines that run `einlint.arrow.check_batch`."""
