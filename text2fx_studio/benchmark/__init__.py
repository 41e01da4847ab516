"""Benchmarks: speed, people's data, directions, and faithful Text2FX as the baseline."""
