"""Sound alone: arrays and tensors in, arrays and tensors out. Knows nothing of words."""
