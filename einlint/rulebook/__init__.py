"""What rules are made of: their type, their pages, their selection, and the fix they share."""
