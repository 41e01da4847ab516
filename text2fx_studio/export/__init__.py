"""Settings as files that other programs open: one module per target, a registry, safe writing."""
