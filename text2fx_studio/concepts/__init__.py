"""Concepts: what a sound or a prompt is made of, as a sparse sum of words.

SpLiCE (Bhalla et al. 2024) for sound (arXiv 2504.14076). Importing this loads no torch.
"""
