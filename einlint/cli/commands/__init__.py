"""The commands, one file each: from options to printed text and an exit code."""
