"""Notebooks: read the code cells as one module, and write changed cells back to the JSON."""
