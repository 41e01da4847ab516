"""Gradient search for the effect settings that meet a prompt."""
