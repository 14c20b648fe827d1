"""What einlint reports: one file a rule, discovered, never listed."""
