"""Notebooks: the code cells of a JSON text as one module, and back."""
