"""What the window shows, apart from how: the document and its states."""
