"""Check and fix one document: nothing is printed, no file is read or written."""
