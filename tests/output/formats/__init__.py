"""Output formats: `test_<name>.py` reads one back, `test_every_format.py` tests all that exist."""
