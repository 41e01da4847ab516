"""Models that the user can get: what there is, downloading it, and checking a file."""
