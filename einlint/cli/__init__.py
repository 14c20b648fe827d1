"""What `einlint check` is made of: options over settings, the visit of files, the report."""
