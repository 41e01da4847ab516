"""The pages beside the sound, and the panels that explain it."""
