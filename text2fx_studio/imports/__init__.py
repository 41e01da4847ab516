"""Settings that other programs wrote, read as presets."""
