"""Comments that silence findings: read, apply, write, remove, report unused."""
