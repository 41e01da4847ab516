"""One widget a file: plain data, arrays and chains in; signals with the same out.

No view knows the engine, the player or the settings' file; the main window joins them.
"""
