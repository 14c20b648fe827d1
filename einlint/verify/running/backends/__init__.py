"""The devices: each file has a BACKEND and is found by its name."""
