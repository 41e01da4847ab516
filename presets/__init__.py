"""Data that ships with the app: factory presets, their schema, and the lexicon."""
