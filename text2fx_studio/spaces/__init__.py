"""Spaces in which sounds and words are compared: all of it, centred, or its PLS axes only.

The axes are those of COMET (Zhu et al. 2026, arXiv 2605.29628): the singular vectors of the
cross-covariance of text and audio embeddings of the same things. Importing this loads no torch.
"""
