"""The commands, one file each: options in, text and an exit code out."""
