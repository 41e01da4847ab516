"""The window's frame: what holds the views together."""
