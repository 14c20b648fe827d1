"""Which files are checked, with which settings, and how they are written."""
