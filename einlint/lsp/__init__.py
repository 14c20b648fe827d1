"""The language server: what check, fix and explain say, in the words of an editor."""
