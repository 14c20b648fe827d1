"""The devices, one file each, with a BACKEND; found by their files."""
