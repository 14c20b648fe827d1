"""HTML pages: the frame and the style of all of them, and the pages of check and explain."""
