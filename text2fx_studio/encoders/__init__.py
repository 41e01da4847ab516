"""Encoders: sounds and words as points in one space. Importing this package loads no torch."""

from text2fx_studio.encoders.registry import available_encoders, load_encoder

__all__ = ["available_encoders", "load_encoder"]
