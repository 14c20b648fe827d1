"""Which files are checked, with which settings, and how files are written."""
